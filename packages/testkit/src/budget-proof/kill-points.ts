/** Where a process that pays for model calls can die. */
export const KILL_POINTS = [
  'before-reserve',
  'reserved-not-sent',
  'mid-request',
  'mid-stream',
  'response-not-settled',
  'mid-settle',
] as const;
export type KillPoint = (typeof KILL_POINTS)[number];

/** The points at which the server knows where its client is, and kills it from outside. */
export const SERVER_SIDE: readonly KillPoint[] = ['mid-request', 'mid-stream'];

/** A question that asks the server to kill its asker: the server reads the plan in the text of the question. */
export const planText = (point: KillPoint, pid: number): string => `\n[die at=${point} pid=${pid}]`;

export function readPlan(text: string): { point: KillPoint; pid: number } | undefined {
  const match = /\[die at=([\w-]+) pid=(\d+)\]/.exec(text);
  const point = KILL_POINTS.find((known) => known === match?.[1]);
  return point && { point, pid: Number(match?.[2]) };
}

/** SIGKILL: no handler, no clean-up, no last words. */
export function killProcess(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    // It may have died of another cause in the meantime.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
