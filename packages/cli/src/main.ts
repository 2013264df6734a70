#!/usr/bin/env node
import { runCli } from './run-cli.ts';

const stop = new AbortController();
for (const name of ['SIGINT', 'SIGTERM'] as const) {
  process.on(name, () => {
    // The second time the user does not want to wait. Nothing is lost: leases run out and the work is taken up again.
    if (stop.signal.aborted) process.exit(130);
    process.stderr.write('\nStopping; once more ends at once.\n');
    stop.abort();
  });
}
// A reader that closes early, such as head(1), is no error. Work goes on when nobody reads its progress any more.
const onBrokenPipe = (then: () => void) => (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  then();
};
process.stdout.on(
  'error',
  onBrokenPipe(() => process.exit(0)),
);
process.stderr.on(
  'error',
  onBrokenPipe(() => {}),
);

const { stdout, stderr, env } = process;
process.exitCode = await runCli(process.argv.slice(2), { stdout, stderr, env, cwd: process.cwd() }, stop.signal);
// Output is flushed by then; a handle that somebody forgot must not keep the command alive.
setTimeout(() => process.exit(), 2_000).unref();
