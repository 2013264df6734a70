import { createHash } from 'node:crypto';
import { z } from 'zod';

/**
 * What we remember in the pull request itself, so that the platform can be asked first, even by a database that is new:
 * which task and text it was made for, and what the body was when we wrote it.
 */
const Marker = z.object({
  task: z.string(),
  /** Hash of the task's text. */
  text: z.string(),
  /** Of the body without this marker. */
  fingerprint: z.string(),
  /** We closed it ourselves, so nobody has said no. */
  ended: z.literal('superseded').optional(),
});
export type PullMarker = z.infer<typeof Marker>;

/** Stands for the pull request that tells results of tasks: "~" is no letter of an id. */
export const STATUS_TASK = '~task-status';

const LINE = /\n?<!-- ai-orchestrator (\{[^\n]*\}) -->\s*$/;
/** The box that asks for a rebuild of a branch that people have committed to. */
export const REBUILD_BOX = '<!-- ai-orchestrator rebuild -->';
const BOX_LINE = /\n\n- \[[ xX]\] <!-- ai-orchestrator rebuild -->[^\n]*\n?$/;
const TICKED = /- \[[xX]\] <!-- ai-orchestrator rebuild -->/;

/** The body with the box and the marker at its end. */
export function markBody(body: string, { task, text }: Pick<PullMarker, 'task' | 'text'>): string {
  const shown = `${body.trimEnd()}\n\n- [ ] ${REBUILD_BOX}Rebuild this branch, and drop commits that others added\n`;
  return withMarker(shown, { task, text, fingerprint: fingerprintOf(shown) });
}

/** The body of a pull request that we close ourselves, which says so to people and to a database that is new. */
export function endBody(body: string, why: string): string {
  const marker = readMarker(body);
  if (marker === null) throw new Error('there is no marker');
  const shown = `> Closed by the orchestrator: ${why}\n\n${body.replace(LINE, '')}`;
  return withMarker(shown, { ...marker, fingerprint: fingerprintOf(shown), ended: 'superseded' });
}

/** The same after a person has reopened it: what they do from then on is theirs to decide. */
export function resumeBody(body: string): string {
  const { ended: _, ...marker } = readMarker(body) ?? { task: '', text: '' };
  return markBody(
    body
      .replace(LINE, '')
      .replace(/^> Closed by the orchestrator: .*\n\n/, '')
      .replace(BOX_LINE, ''),
    marker,
  );
}

// "--" would end the comment: task ids may hold it.
const withMarker = (shown: string, marker: PullMarker): string =>
  `${shown}\n<!-- ai-orchestrator ${JSON.stringify(marker).replaceAll('--', '-\\u002d')} -->\n`;

/** Whether the body is still what we wrote. */
export const isAsWritten = (body: string | null): boolean =>
  readMarker(body)?.fingerprint === fingerprintOf((body ?? '').replace(LINE, ''));

/** null: not ours, or a person removed the marker. */
export function readMarker(body: string | null): PullMarker | null {
  const json = LINE.exec(body ?? '')?.[1];
  if (json === undefined) return null;
  try {
    return Marker.safeParse(JSON.parse(json)).data ?? null;
  } catch {
    return null;
  }
}

export const wantsRebuild = (body: string | null): boolean => TICKED.test(body ?? '');

const fingerprintOf = (shown: string): string => createHash('sha256').update(shown).digest('hex').slice(0, 16);
