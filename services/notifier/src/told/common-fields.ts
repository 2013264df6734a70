import { formatUsd } from '@orchestrator/shared/budget/money.ts';
import type { Notice } from '../channel.ts';
import type { Style } from './style.ts';

/** What is said of every event that belongs to a repository or a run. Empty values are left out. */
export const commonFields = ({ repository, run }: Notice, style: Style): [name: string, value: string][] => [
  ['Repository', style.words(repository?.name ?? '', 200)],
  ['Cost so far', run !== null && run.costNanoUsd > 0n ? formatUsd(run.costNanoUsd, 4) : ''],
];
