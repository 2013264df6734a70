import { parseArgs } from 'node:util';
import { formatUsd } from '@orchestrator/shared/budget/money.ts';
import { startTestServer, testDatabase } from '../postgres.ts';
import { runNaive } from './naive-run.ts';
import { runProof } from './proof-run.ts';

/**
 * Shows that the spend never passes the limit: npm run budget:proof -- --seconds 60 --seed 1 --json
 * A long one, with a thousand deaths at each point: npm run budget:proof -- --kills 1000 --seed 1 --json
 *
 * Exits with 1 if it did, if anything was left held, settled twice or found by the audit, or if the naive arm did not
 * overspend: then the harness proves nothing.
 */
const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '60' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    /** Goes on until so many processes died at each of the six points, however long that takes. */
    kills: { type: 'string', default: '0' },
    workers: { type: 'string', default: '24' },
    json: { type: 'boolean', default: false },
  },
});
const log = (line: string) => void process.stderr.write(`${line}\n`);
const seed = Number(values.seed);
const workers = Number(values.workers);
log(`seed ${seed}, ${workers} workers, ${values.seconds} s`);

const server = await startTestServer({ durable: true });
const test = await testDatabase({ maxConnections: 4 });
try {
  const common = { database: test.database, databaseUrl: test.url, workers, seed, log };
  const naive = await runNaive(common);
  const share = (naive.overspendNanoUsd * 1000n) / naive.limitNanoUsd;
  log(
    `naive check-then-add: limit ${formatUsd(naive.limitNanoUsd, 9)}, billed ${formatUsd(naive.meteredNanoUsd, 9)}, over by ${Number(share) / 10} %`,
  );
  const { problems, ...result } = await runProof({
    ...common,
    seconds: Number(values.seconds),
    killsPerPoint: Number(values.kills),
  });
  for (const problem of problems) log(`problem: ${problem}`);
  const { meteredNanoUsd, ledgerNanoUsd, limitNanoUsd } = result;
  if (result.kills === 0) log('problem: no process was killed, so nothing is proved');
  const holds =
    result.kills > 0 &&
    result.overspendNanoUsd === 0n &&
    meteredNanoUsd <= ledgerNanoUsd &&
    ledgerNanoUsd <= limitNanoUsd &&
    result.stuck === 0 &&
    result.doubleSettled === 0 &&
    problems.length === 0;
  if (naive.overspendNanoUsd === 0n) log('problem: the naive arm did not overspend, so this harness would not notice');
  log(
    `ledger: limit ${formatUsd(limitNanoUsd, 9)}, booked ${formatUsd(ledgerNanoUsd, 9)}, billed ${formatUsd(meteredNanoUsd, 9)}: ${holds ? 'it holds' : 'IT DOES NOT HOLD'}`,
  );
  const line = values.json
    ? JSON.stringify(result, (_, value) => (typeof value === 'bigint' ? String(value) : value))
    : '';
  if (line !== '') process.stdout.write(`${line}\n`);
  process.exitCode = holds && naive.overspendNanoUsd > 0n ? 0 : 1;
} finally {
  await test.close();
  await server.stop();
}
