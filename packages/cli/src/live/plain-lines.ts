import type { OutputStream } from '../terminal.ts';
import { changeKey, plainLine } from './run-line.ts';
import type { RunDisplay } from './watch-runs.ts';

/** One line for each change of a run. */
export function openPlainLines(stream: OutputStream): RunDisplay {
  const told = new Map<string, string>();
  return {
    show(runs) {
      for (const run of runs) {
        const key = changeKey(run);
        if (told.get(run.run) === key) continue;
        told.set(run.run, key);
        stream.write(`${plainLine(run, new Date())}\n`);
      }
    },
    print: (text) => stream.write(text),
    done: () => {},
  };
}
