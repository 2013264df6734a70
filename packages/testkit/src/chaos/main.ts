import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { parseArgs } from 'node:util';
import { runChaos } from './chaos-run.ts';

/**
 * Breaks the full stack in every way that it is built to stand: npm run chaos -- --seed 1 --minutes 1 --json
 *
 * Exits with 1 if a task was lost or got stuck, an effect happened twice, a stale result was taken, money was spent that
 * is not in the ledger, or no window was met: then the run shows nothing. The faults are a function of the seed.
 */
const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    minutes: { type: 'string', default: '1' },
    json: { type: 'boolean', default: false },
  },
});
const seed = Number(values.seed);
const minutes = Number(values.minutes);
if (!Number.isSafeInteger(seed) || !(minutes > 0) || minutes > 120)
  throw new Error('--seed takes a whole number, --minutes a number up to 120');
const log = (line: string) => void process.stderr.write(`${line}\n`);
if (!(process.env.PATH ?? '').split(delimiter).some((folder) => existsSync(join(folder, 'redis-server')))) {
  log('redis-server is not on the PATH. On Debian: apt-get install redis-server');
  process.exit(6);
}
const interrupted = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => interrupted.abort(new Error(`ended by ${signal}`)));

log(`seed ${seed}, ${minutes} min of faults`);
const result = await runChaos({ seed, durationMs: minutes * 60_000, log, interrupted: interrupted.signal });
for (const { counts, subject, problem } of result.violations) log(`${counts}: ${subject}: ${problem}`);
for (const window of result.unreached) log(`no process was stopped in the window ${window}`);
for (const end of result.badEnds) log(`did not end well: ${end}`);
log(`notices that had to be repeated: ${result.noticesRepeated}; stages that had to be replayed: ${result.replayed}`);

const { holds, runs, faults, lost, duplicateEffects, staleWritesAccepted, stuck, paidTwice } = result;
const overspendNanoUsd = String(result.overspendNanoUsd);
const figures = { runs, faults, lost, duplicateEffects, staleWritesAccepted, overspendNanoUsd, stuck, paidTwice };
log(
  holds ? 'everything holds' : `IT DOES NOT HOLD; again: npm run chaos -- --seed ${seed} --minutes ${minutes} --json`,
);
if (result.folder) log(`logs: ${result.folder}`);
if (values.json) process.stdout.write(`${JSON.stringify(figures)}\n`);
process.exitCode = holds ? 0 : 1;
