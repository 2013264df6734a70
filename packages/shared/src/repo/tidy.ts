import { git } from './git.ts';

const TIMEOUT_MS = 30 * 60_000;
/** Runs refer to commits that may have left every branch; they are older than this only if nobody works on them. */
const KEEP_UNREACHABLE = '30.days.ago';

/** Packs the mirror's objects where they have become many. The caller holds the mirror's lock; readers are not disturbed. */
export async function tidy(gitDir: string, signal: AbortSignal | undefined): Promise<void> {
  const limits = ['-c', 'gc.auto=6700', '-c', 'gc.autoDetach=false'];
  await git([...limits, 'gc', '--auto', '--quiet', `--prune=${KEEP_UNREACHABLE}`], {
    gitDir,
    signal,
    timeoutMs: TIMEOUT_MS,
  });
}
