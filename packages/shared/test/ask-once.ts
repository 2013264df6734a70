import { pino } from 'pino';
import { Ledger } from '../src/budget/ledger.ts';
import { readEnvironment } from '../src/config/environment.ts';
import { OrchestratorConfig } from '../src/config/schema.ts';
import { openDatabase } from '../src/db/client.ts';
import { createModelClient } from '../src/models/client.ts';

/** A process that asks one question and prints the reply: something to kill. Arguments: budget, run id, stage run id. */
const [budgetId = '', runId = '', stageRunId = ''] = process.argv.slice(2);
const env = readEnvironment(process.env, process.cwd());
const db = openDatabase(env.DATABASE_URL ?? '');
const client = createModelClient({
  db,
  ledger: new Ledger(db),
  env,
  config: OrchestratorConfig.parse({}),
  budgetIds: [budgetId],
  runId,
  stageRunId,
  log: pino({ level: 'silent' }),
});
const reply = await client.generate(
  { role: 'coder', system: 'Be short.', messages: [{ role: 'user', content: 'Say hello.' }] },
  new AbortController().signal,
);
process.stdout.write(`${JSON.stringify({ text: reply.text, replayed: reply.replayed })}\n`);
await db.$disconnect();
