import type { Database } from '@orchestrator/shared/db/client.ts';
import { type RunView, readRuns } from '@orchestrator/shared/read/runs.ts';
import type { Logger } from 'pino';
import type { OutputStream, Terminal } from '../terminal.ts';
import { openLiveScreen } from './live-screen.ts';
import { openPlainLines } from './plain-lines.ts';
import { changeKey, type WatchedRun } from './run-line.ts';

export interface Watch {
  /** What a stage of a run says that it is doing. */
  doing(saying: {
    readonly runId: string;
    readonly stage: string;
    readonly round: number;
    readonly text: string;
  }): void;
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
  const sayings = new Map<string, { readonly stage: string; readonly round: number; readonly text: string }>();
  const seen = new Map<string, { key: string; since: Date }>();
  let looking: Promise<void> = Promise.resolve();

  /** What it said in an earlier stage is no longer true. */
  function sayingOf(run: RunView): string | null {
    const saying = sayings.get(run.run);
    return saying?.stage === run.stage && saying?.round === run.round ? (saying?.text ?? null) : null;
  }
  async function look(): Promise<void> {
    const runs = await readRuns(db, { repository, activeSince: begun });
    display.show(runs.reverse().map((run) => withSince({ ...run, doing: sayingOf(run), since: begun }, seen)));
  }
  const lookAgain = (): void => {
    looking = look().catch((error: unknown) => log.debug({ err: error }, 'progress could not be read'));
  };
  const timer = setInterval(() => void looking.then(lookAgain), LOOK_EVERY_MS);
  lookAgain();
  return {
    doing({ runId, ...saying }) {
      const before = sayings.get(runId);
      sayings.set(runId, saying);
      // A new stage is shown at once: it may be over before the next look.
      if (before?.stage !== saying.stage || before.round !== saying.round) void looking.then(lookAgain);
    },
    print: (text) => display.print(text),
    async stop() {
      clearInterval(timer);
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
  return { ...run, since };
}
