import { parseArgs } from 'node:util';
import { Ledger, newAttemptId } from '@orchestrator/shared/budget/ledger.ts';
import { endAttemptSql, takeHoldSql } from '@orchestrator/shared/budget/ledger-sql.ts';
import { ensureBudget } from '@orchestrator/shared/budget/phases.ts';
import { Phase } from '@orchestrator/shared/config/schema.ts';
import { openDatabase } from '@orchestrator/shared/db/client.ts';
import pg from 'pg';
import { checkSoundness, measureTightness } from './budget-bounds.ts';
import { startTestServer, testDatabase } from './postgres.ts';

/**
 * How many reserve+settle cycles a second the ledger does on one window (the worst case: every writer wants the same
 * row), beside the same two statements sent by a bare driver; and how much more than is taken the bounds reserve:
 * npm run bench:budget -- --json
 */
const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '5' },
    prompts: { type: 'string', default: '50000' },
    json: { type: 'boolean', default: false },
  },
});
const seconds = Number(values.seconds);
const WRITERS = [1, 16, 64];

interface Measured {
  readonly cyclesPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** Runs `cycle` in `writers` loops at once; the time of a reservation is what is measured. */
async function measure(writers: number, cycle: () => Promise<number>): Promise<Measured> {
  await Promise.all(Array.from({ length: writers }, cycle));
  const times: number[] = [];
  const start = performance.now();
  const end = start + seconds * 1_000;
  await Promise.all(
    Array.from({ length: writers }, async () => {
      while (performance.now() < end) times.push(await cycle());
    }),
  );
  const took = (performance.now() - start) / 1_000;
  times.sort((a, b) => a - b);
  const at = (share: number) => Number((times[Math.floor((times.length - 1) * share)] ?? 0).toFixed(2));
  return { cyclesPerSecond: Math.round(times.length / took), p50Ms: at(0.5), p99Ms: at(0.99) };
}

const timed = async (work: () => Promise<unknown>): Promise<number> => {
  const start = performance.now();
  await work();
  return performance.now() - start;
};

const question = () => ({
  attemptId: newAttemptId(),
  budgetIds: ['global'],
  amountNanoUsd: 100_000n,
  deadlineMs: 60_000,
});

const server = await startTestServer({ durable: true });
const results: { writers: number; ledger: Measured; raw: Measured; ofRaw: number }[] = [];
for (const writers of WRITERS) {
  const test = await testDatabase();
  const database = openDatabase(test.url, { maxConnections: writers });
  const pool = new pg.Pool({ connectionString: test.url, max: writers });
  const ledger = new Ledger(database);
  await ensureBudget(database, [Phase.parse({ name: 'bench', limit: { total: '1000000' } })]);
  await ledger.reserve(question());

  const byLedger = await measure(writers, async () => {
    const asked = question();
    const took = await timed(() => ledger.reserve(asked));
    await ledger.settle({ attemptId: asked.attemptId, chargedNanoUsd: 40_000n });
    return took;
  });
  const byDriver = await measure(writers, async () => {
    const asked = question();
    const reserve = takeHoldSql({
      ...asked,
      heldNanoUsd: 105_000n,
      cushionNanoUsd: 5_000n,
      graceMs: 30_000,
      detail: null,
    });
    const settle = endAttemptSql({
      attemptId: asked.attemptId,
      kind: 'settle',
      costNanoUsd: 40_000n,
      freeze: null,
      detail: null,
    });
    const took = await timed(() => pool.query(reserve.text, reserve.values));
    await pool.query(settle.text, settle.values);
    return took;
  });
  const ofRaw = Number((byLedger.cyclesPerSecond / byDriver.cyclesPerSecond).toFixed(2));
  results.push({ writers, ledger: byLedger, raw: byDriver, ofRaw });
  process.stderr.write(
    `${writers} writers: ${byLedger.cyclesPerSecond}/s, reserve p50 ${byLedger.p50Ms} ms, p99 ${byLedger.p99Ms} ms; bare driver ${byDriver.cyclesPerSecond}/s, ${byDriver.p50Ms} ms, ${byDriver.p99Ms} ms; ${ofRaw} of it\n`,
  );
  await pool.end();
  await database.$disconnect();
  await test.close();
}
await server.stop();
const tightness = await measureTightness(500);
const { example, ...soundness } = await checkSoundness(Number(values.prompts));
process.stderr.write(
  `bounds: ${tightness.openai} (OpenAI) and ${tightness.claude} (Claude) of the actual input at the median of ${tightness.prompts} prompts; below it in ${soundness.below} of ${soundness.prompts}${example === null ? '' : `, first ${example}`}\n`,
);
if (values.json)
  process.stdout.write(`${JSON.stringify({ benchmark: 'budget', seconds, results, tightness, soundness })}\n`);
if (soundness.below > 0 || tightness.least < 1) process.exitCode = 1;
