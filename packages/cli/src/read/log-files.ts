import { createReadStream, existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import type { LogLine } from '@orchestrator/shared/boot/log-line.ts';
import { rank } from '@orchestrator/shared/boot/logger.ts';

export interface LogFilter {
  /** Id of a run, or how it begins. */
  readonly run?: string | undefined;
  readonly task?: string | undefined;
  /** The least level. */
  readonly level: string;
}

/** The log files of a home, oldest first. */
export function logFiles(home: string): string[] {
  const dir = join(home, 'logs');
  if (!existsSync(dir)) return [];
  return readdirSync(dir)
    .filter((name) => /^orchestrator_\d{8}\.log$/.test(name))
    .sort()
    .map((name) => join(dir, name));
}

/** Tells which lines are wanted. Lines of a run name its task only now and then, so it remembers whose run is whose. */
export function logMatcher({ run, task, level }: LogFilter): (line: LogLine) => boolean {
  const runsOfTask = new Set<string>();
  return (line) => {
    if (task !== undefined && line.task === task && line.run !== null) runsOfTask.add(line.run);
    if (rank(line.level) < rank(level)) return false;
    if (run !== undefined && !line.run?.startsWith(run)) return false;
    return task === undefined || line.task === task || (line.run !== null && runsOfTask.has(line.run));
  };
}

/** The last `limit` wanted lines of all files, oldest first. */
export async function lastLines(
  files: readonly string[],
  wanted: (line: LogLine) => boolean,
  limit: number,
): Promise<LogLine[]> {
  const kept: LogLine[] = [];
  for (const file of files) {
    for await (const text of createInterface({
      input: createReadStream(file, 'utf8'),
      crlfDelay: Number.POSITIVE_INFINITY,
    })) {
      const line = parse(text);
      if (line === null || !wanted(line)) continue;
      kept.push(line);
      if (kept.length > limit * 2) kept.splice(0, kept.length - limit);
    }
  }
  return kept.slice(-limit);
}

const LOOK_EVERY_MS = 300;

/** Lines as they are written from now on, over midnight too. Ends with the signal. */
export async function* followLines(home: string, signal: AbortSignal): AsyncGenerator<LogLine> {
  const read = new Map(logFiles(home).map((file) => [file, statSync(file).size]));
  let rest = '';
  while (!signal.aborted) {
    for (const file of logFiles(home).slice(-2)) {
      const from = read.get(file) ?? 0;
      const { size } = statSync(file);
      if (size <= from) continue;
      let text = '';
      for await (const chunk of createReadStream(file, { start: from, end: size - 1, encoding: 'utf8' })) text += chunk;
      read.set(file, size);
      const lines = (rest + text).split('\n');
      // Another process may be in the middle of its line.
      rest = lines.pop() ?? '';
      for (const each of lines) {
        const line = parse(each);
        if (line !== null) yield line;
      }
    }
    await sleep(LOOK_EVERY_MS, undefined, { signal }).catch(() => {});
  }
}

function parse(text: string): LogLine | null {
  try {
    return JSON.parse(text) as LogLine;
  } catch {
    return null;
  }
}
