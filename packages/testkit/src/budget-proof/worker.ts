import { writeSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { GLOBAL_BUDGET, repositoryBudget } from '@orchestrator/shared/budget/budget-ids.ts';
import { BudgetDenied } from '@orchestrator/shared/budget/denied.ts';
import { readEnvironment } from '@orchestrator/shared/config/environment.ts';
import { openDatabase } from '@orchestrator/shared/db/client.ts';
import { attemptCall } from '@orchestrator/shared/models/attempt.ts';
import { costBound } from '@orchestrator/shared/models/bounds.ts';
import { findModel } from '@orchestrator/shared/models/catalog.ts';
import openai from '@orchestrator/shared/models/providers/openai.ts';
import pino from 'pino';
import { KILL_POINTS, type KillPoint, planText, SERVER_SIDE } from './kill-points.ts';
import { MortalLedger } from './mortal-ledger.ts';
import { pick, randomSequence } from './random.ts';
import type { WorkerOrder } from './worker-order.ts';

/**
 * A process that pays for model calls with the project's own client, provider and ledger, until it is told to stop or
 * dies of its plan. Reports to its parent only what it can without help: nothing that the proof relies on.
 */
const order = JSON.parse(process.argv[2] ?? '{}') as WorkerOrder;
const random = randomSequence(order.seed);
const db = openDatabase(order.databaseUrl, { maxConnections: 2 });
const ledger = new MortalLedger(db, { graceMs: order.graceMs });
ledger.random = random;
const env = readEnvironment({ OPENAI_API_KEY: 'proof', OPENAI_BASE_URL: order.providerUrl }, process.cwd());
const log = pino({ level: 'silent' });
const models = ['openai/gpt-6-luna', 'openai/gpt-6-sol'].map((id) => findModel(id));
const budgetIds = [GLOBAL_BUDGET, repositoryBudget(String(order.worker % 4))];

let stopping = false;
process.once('SIGTERM', () => {
  stopping = true;
});
process.once('disconnect', () => process.exit(0));

process.send?.('ready');
for (let ordinal = 1; !stopping; ordinal++) {
  const plan = random() < order.deathRate ? pick(random, KILL_POINTS) : null;
  await attempt(ordinal, plan);
  if (random() < 0.02) await ledger.reap();
}
await db.$disconnect();
process.disconnect?.();

async function attempt(ordinal: number, plan: KillPoint | null): Promise<void> {
  const model = pick(random, models);
  const told = plan !== null && SERVER_SIDE.includes(plan) ? planText(plan, process.pid) : '';
  const filler = 'word '.repeat(1 + Math.floor(random() * 200));
  const request = {
    system: `Question ${ordinal} of ${order.worker}.`,
    messages: [{ role: 'user' as const, content: filler + told }],
    maxOutputTokens: 16 + Math.floor(random() * 200),
  };
  ledger.plan = plan;
  // Written at once, not when there is time: the parent counts deaths by it.
  if (plan !== null) writeSync(1, `${plan}\n`);
  try {
    await attemptCall({
      db,
      ledger,
      env,
      log,
      budgetIds,
      question: {
        runId: null,
        stageRunId: null,
        ordinal,
        requestHash: `${order.worker}:${process.pid}:${ordinal}`,
        promptVersion: null,
        request: { role: 'coder', schema: null, ...request },
      },
      provider: openai,
      model,
      request,
      bound: await costBound(model, request, { at: new Date() }),
      timeoutMs: order.timeoutMs,
      signal: new AbortController().signal,
      now: () => new Date(),
    });
  } catch (error) {
    // A busy machine loses connections: the ledger has to stand that too. Anything else ends this process, and the proof.
    if (!(error instanceof BudgetDenied) && !/connection|timeout/i.test(String(error))) throw error;
    await delay(50 + random() * 250);
  }
}
