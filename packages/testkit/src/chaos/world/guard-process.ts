import { rmSync } from 'node:fs';
import { createInterface } from 'node:readline';

/**
 * Outlives the harness by a moment: reads what the harness has started, one line each, and ends what is left when the
 * harness is gone, however it went. `+PID`, `-PID`, and `folder PATH` for what is to be removed.
 */
const pids = new Set<number>();
let folder: string | null = null;
// Ctrl+C is sent to all of a terminal's processes; this one goes when its input ends.
process.on('SIGINT', () => {});
process.on('SIGTERM', () => {});

for await (const line of createInterface({ input: process.stdin })) {
  if (line.startsWith('+')) pids.add(Number(line.slice(1)));
  else if (line.startsWith('-')) pids.delete(Number(line.slice(1)));
  else folder = line.slice('folder '.length);
}
for (const pid of pids) {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It was faster.
  }
}
if (pids.size > 0 && folder !== null) rmSync(folder, { recursive: true, force: true });
