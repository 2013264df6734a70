import type { Database } from '@orchestrator/shared/db/client.ts';
import type { Logger } from 'pino';
import { readRuns } from '../read/runs.ts';
import type { OutputStream, Terminal } from '../terminal.ts';
import { openLiveScreen } from './live-screen.ts';
import { openPlainLines } from './plain-lines.ts';
import { changeKey, type WatchedRun } from './run-line.ts';

export interface Watch {
  /** What a run says that it is doing. */
  doing(runId: string, text: string): void;
  /** Writes text that stays, such as a log line, without disturbing the live lines. */
  print(text: string): void;
  /** Looks one last time and leaves the terminal as it should be. */
  stop(): Promise<void>;
}

/** How runs are shown as they change. */
export interface RunDisplay {
  show(runs: readonly WatchedRun[]): void;
  print(text: string): void;
  done(): void;
}

const LOOK_EVERY_MS = 500;

/** Follows all runs that are active from now on: live lines in a terminal, otherwise a plain line for each change. */
export function watchRuns({
  db,
  log,
  stream,
  env,
  repository,
}: {
  db: Database;
  log: Logger;
  stream: OutputStream;
  env: Terminal['env'];
  repository: string;
}): Watch {
  const display = stream.isTTY ? openLiveScreen(stream, env) : openPlainLines(stream);
  const begun = new Date();
  const sayings = new Map<string, string>();
  const seen = new Map<string, { key: string; since: Date }>();
  let looking: Promise<void> = Promise.resolve();

  async function look(): Promise<void> {
    const runs = await readRuns(db, { repository, activeSince: begun });
    display.show(
      runs.reverse().map((run) => withSince({ ...run, doing: sayings.get(run.run) ?? null, since: begun }, seen)),
    );
  }
  const lookAgain = (): void => {
    looking = look().catch((error: unknown) => log.debug({ err: error }, 'progress could not be read'));
  };
  let timer = setInterval(() => void looking.then(lookAgain), LOOK_EVERY_MS);
  lookAgain();
  return {
    doing: (runId, text) => sayings.set(runId, text),
    print: (text) => display.print(text),
    async stop() {
      clearInterval(timer);
      timer = undefined as never;
      await looking;
      lookAgain();
      await looking;
      display.done();
    },
  };
}

function withSince(run: WatchedRun, seen: Map<string, { key: string; since: Date }>): WatchedRun {
  const key = changeKey(run);
  const before = seen.get(run.run);
  if (before?.key === key) return { ...run, since: before.since };
  const since = new Date();
  seen.set(run.run, { key, since });
  // What it was doing belonged to the stage before.
  return { ...run, since };
}
