import type { WriteStream } from 'node:tty';
import { createLogUpdate } from 'log-update';
import sliceAnsi from 'slice-ansi';
import { type OutputStream, type Terminal, viewOf } from '../terminal.ts';
import { liveLine, type WatchedRun } from './run-line.ts';
import type { RunDisplay } from './watch-runs.ts';

const FRAMES = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
const FRAME_MS = 125;

/** Lines at the bottom of the terminal that are drawn over as runs go on. */
export function openLiveScreen(stream: OutputStream, env: Terminal['env']): RunDisplay {
  const draw = createLogUpdate(stream as WriteStream);
  let runs: readonly WatchedRun[] = [];
  let turns = 0;
  const redraw = (): void => {
    if (runs.length === 0) return;
    const view = viewOf(stream, env);
    const frame = FRAMES[turns++ % FRAMES.length] as string;
    const room = Math.max(3, (stream.rows ?? 24) - 4);
    const lines = runs.map((run) => sliceAnsi(liveLine(run, view, new Date(), frame), 0, view.width - 1));
    // The newest are at the bottom; what does not fit is in the summary at the end.
    draw(lines.slice(-room).join('\n'));
  };
  const timer = setInterval(redraw, FRAME_MS);
  return {
    show(next) {
      runs = next;
      redraw();
    },
    print(text) {
      draw.persist(text.trimEnd());
      redraw();
    },
    done() {
      clearInterval(timer);
      // What they said is in the summary that follows.
      draw.clear();
      draw.done();
    },
  };
}
