import { registerHooks } from 'node:module';
import type { Order } from './orders.ts';
import { shiftClock } from './wrong-clock.ts';

/**
 * Loaded before the `main.ts` of a service, which then runs as it is. Three of its modules are replaced by ones that call
 * them and mark the windows around what they do: so the windows are met exactly, and production code knows nothing of
 * them.
 */
const shiftMs = Number(process.env.CHAOS_CLOCK_SHIFT_MS ?? 0);
if (shiftMs !== 0) await shiftClock(shiftMs);

// The database can then say who wrote.
const databaseUrl = new URL(process.env.DATABASE_URL as string);
databaseUrl.searchParams.set('application_name', `chaos:${process.env.CHAOS_SLOT}:${process.pid}`);
process.env.DATABASE_URL = databaseUrl.href;

const REPLACED = new Map(
  [
    ['queue/bullmq-transport.ts', './transport.ts'],
    ['boot/stage-workers.ts', './stage-workers.ts'],
    ['models/attempt-end.ts', './attempt-end.ts'],
  ].map(([real, ours]) => [
    new URL(`../../../../shared/src/${real}`, import.meta.url).href,
    new URL(ours as string, import.meta.url).href,
  ]),
);
registerHooks({
  resolve(specifier, context, next) {
    const found = next(specifier, context);
    const ours = REPLACED.get(found.url);
    return ours === undefined || context.parentURL === ours ? found : { ...found, url: ours };
  },
});

const [{ arm }, { followTransportOrder }, { watchNotices }] = await Promise.all([
  import('./windows.ts'),
  import('./transport.ts'),
  import('./notices.ts'),
]);
watchNotices(process.env.NOTIFY_WEBHOOK_URL);
process.on('message', (order: Order) => {
  if (order.order === 'stop-in') arm(order);
  else if (order.order === 'go-on') arm(null);
  else followTransportOrder(order);
});
// Nobody would end this process any more.
process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'));
