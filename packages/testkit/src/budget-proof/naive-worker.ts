import { openDatabase } from '@orchestrator/shared/db/client.ts';
import type { WorkerOrder } from './worker-order.ts';

/**
 * What budgets elsewhere do: look whether there is money, call, add the cost afterwards. The proof runs it against the
 * same provider to show that it would notice an overspend.
 */
const order = JSON.parse(process.argv[2] ?? '{}') as WorkerOrder;
const db = openDatabase(order.databaseUrl, { maxConnections: 1 });
process.once('disconnect', () => process.exit(0));

for (;;) {
  const [budget] = await db.$queryRaw<
    { open: boolean }[]
  >`SELECT spent_nano_usd < limit_nano_usd AS open FROM naive_budget`;
  if (!budget?.open) break;
  const response = await fetch(`${order.providerUrl}/chat/completions`, {
    method: 'POST',
    headers: { authorization: 'Bearer proof', 'content-type': 'application/json' },
    body: JSON.stringify({
      model: 'gpt-6-sol',
      messages: [{ role: 'user', content: `Question of ${order.worker}.` }],
      max_completion_tokens: 200,
    }),
  }).catch(() => null);
  const body = (await response?.json().catch(() => null)) as {
    usage?: { prompt_tokens: number; completion_tokens: number };
  } | null;
  if (!body?.usage) continue;
  const costNanoUsd = BigInt(body.usage.prompt_tokens) * 2_000n + BigInt(body.usage.completion_tokens) * 10_000n;
  await db.$executeRaw`UPDATE naive_budget SET spent_nano_usd = spent_nano_usd + ${costNanoUsd}::bigint`;
}
await db.$disconnect();
process.disconnect?.();
