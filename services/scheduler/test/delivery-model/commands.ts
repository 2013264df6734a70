import { Prisma } from '@orchestrator/shared/db/generated/client.ts';
import { claim, renew } from '@orchestrator/shared/pipeline/claim.ts';
import { commitResult } from '@orchestrator/shared/pipeline/commit-outcome.ts';
import { cancelRun } from '@orchestrator/shared/pipeline/control/cancel.ts';
import { pause, resume, type Scope } from '@orchestrator/shared/pipeline/control/pause.ts';
import { setPriority } from '@orchestrator/shared/pipeline/control/priority.ts';
import { replay } from '@orchestrator/shared/pipeline/control/replay.ts';
import { retryNow } from '@orchestrator/shared/pipeline/control/retry-now.ts';
import { QUEUE_OF, QUEUES } from '@orchestrator/shared/pipeline/machine.ts';
import fc from 'fast-check';
import { publishDue } from '../../src/relay/publish-due.ts';
import { sweepCancelled } from '../../src/sweeper/cancelled.ts';
import { sweepLeases } from '../../src/sweeper/leases.ts';
import { republishLost } from '../../src/sweeper/lost-messages.ts';
import { sweepOutbox } from '../../src/sweeper/outbox.ts';
import { republishAfterWipe } from '../../src/sweeper/wipe.ts';
import { ENDS, endHold, OVERS } from './ends.ts';
import type { DeliveryModel, End } from './model.ts';
import { isPaused, setPaused } from './pausing.ts';
import { checkInvariants, compare, type Real } from './real.ts';
import { at, same } from './same.ts';

type Command = fc.AsyncCommand<DeliveryModel, Real>;
const BY = { actor: 'model' };
const HOUR = Prisma.raw("interval '1 hour'");

const command = (name: string, run: (model: DeliveryModel, real: Real) => Promise<void>): Command => ({
  check: () => true,
  async run(model, real) {
    await run(model, real);
    await compare(model, real);
    await checkInvariants(real);
  },
  toString: () => name,
});
const current = (real: Real, run: number) => real.seeded[run]?.runId as string;

/** The stage run of a message, by run and place in it: stage runs are numbered in the order in which they were made. */
async function placeOf(real: Real, stageRunId: string): Promise<{ run: number; stage: number }> {
  const [row] = await real.db.$queryRaw<{ runId: string; place: number }[]>`
    SELECT s.run_id AS "runId", (SELECT count(*)::int FROM stage_run o WHERE o.run_id = s.run_id AND (o.created_at, o.round) < (s.created_at, s.round)) AS place
    FROM stage_run s WHERE s.id = ${stageRunId}::uuid`;
  if (!row) throw new Error(`there is no stage run ${stageRunId}`);
  return { run: real.seeded.findIndex(({ runId }) => runId === row.runId), stage: row.place };
}

/** The relay publishes what is due, as much as fits, and nothing else. */
export async function relayOnce(model: DeliveryModel, real: Real, window: number): Promise<void> {
  const due = model.due();
  const expected = QUEUES.map((queue) => {
    const waiting = due.filter((run) => QUEUE_OF[model.stageOf(run).stage] === queue).length;
    return [queue, Math.min(waiting, Math.max(0, window - model.onTheirWay(queue)))];
  });
  const before = real.network.ever.length;
  await publishDue(real.client, real.network, window);
  const published = real.network.ever.slice(before);
  same(
    'published',
    QUEUES.map((queue) => [queue, published.filter((one) => one.queue === queue).length]),
    expected,
  );
  for (const { stageRunId, generation } of published) {
    const { run } = await placeOf(real, stageRunId);
    if (!due.includes(run)) throw new Error(`run ${run} was published and is not due`);
    const stage = model.stageOf(run);
    same('generation', generation, stage.generation);
    stage.published = true;
  }
}

/** A message turns up: now, late, or once more. */
export async function deliver(model: DeliveryModel, real: Real, index: number): Promise<void> {
  const message = at(real.network.ever, index);
  if (!message) return;
  real.network.carried = real.network.carried.filter((one) => one !== message);
  await deliverTo(model, real, message.stageRunId, index);
}

async function deliverTo(model: DeliveryModel, real: Real, stageRunId: string, index: number): Promise<void> {
  const place = await placeOf(real, stageRunId);
  const wanted = model.claim(place.run, place.stage);
  const seen = await claim(real.db, stageRunId, `worker-${index % 3}`);
  same('fence', seen === null ? null : Number(seen.fence), wanted?.fence ?? null);
  if (seen && wanted) real.holds.push({ claim: seen, model: wanted });
}

/** Everything that waited for an instant may go on. */
export async function timePasses(model: DeliveryModel, { db }: Real): Promise<void> {
  await db.$executeRaw`UPDATE stage_run SET available_at = now() - ${HOUR} WHERE state = 'pending'`;
  await db.$executeRaw`UPDATE outbox SET not_before = now() - ${HOUR}`;
  for (const [run] of model.runs.entries()) model.stageOf(run).parked = false;
}

export async function sweepOnce(model: DeliveryModel, { db }: Real): Promise<void> {
  await sweepLeases(db);
  await sweepCancelled(db);
  await sweepOutbox(db);
  model.sweep();
}

/** What the leader does about messages: after a wipe for all of them, otherwise for those that are missing. */
export async function lookAfterMessages(model: DeliveryModel, real: Real): Promise<void> {
  const { db, network } = real;
  await republishAfterWipe(db, network);
  if (real.wiped) model.announceAgain(() => true);
  real.wiped = false;
  const carried = new Set<number>();
  for (const { stageRunId, generation } of network.carried) {
    const { run, stage } = await placeOf(real, stageRunId);
    const found = model.runs[run]?.stages[stage];
    if (found?.generation === generation) carried.add(run);
  }
  await republishLost(db, network, -1_000);
  model.announceAgain((run) => !carried.has(run) && !model.held(run) && !model.stageOf(run).parked);
}

const anyIndex = fc.nat(1_000);

const pauseOrResume = fc
  .tuple(fc.boolean(), fc.constantFrom('system', 'queue', 'repository', 'run'), anyIndex)
  .map(([on, kind, index]) =>
    command(`${on ? 'pause' : 'resume'}(${kind}, ${index})`, async (model, real) => {
      const queue = QUEUES[index % QUEUES.length] as (typeof QUEUES)[number];
      const repository = index % real.repositories.length;
      const run = index % model.runs.length;
      const scope: Scope =
        kind === 'system'
          ? { kind }
          : kind === 'queue'
            ? { kind, queue }
            : kind === 'repository'
              ? { kind, repositoryId: real.repositories[repository] as string }
              : { kind: 'run', runId: current(real, run) };
      const before = await isPaused(model, kind, { queue, repository, run });
      if (on) {
        const settled =
          kind === 'run' && model.stageOf(run).state !== 'pending' && model.stageOf(run).state !== 'running';
        const changed = await pause(real.db, scope, BY);
        same('paused', changed, !before && !settled);
        if (changed) setPaused(model, kind, { queue, repository, run }, true);
      } else {
        const announced = await resume(real.db, scope, BY);
        same('was paused', announced !== null, before);
        if (!before) return;
        setPaused(model, kind, { queue, repository, run }, false);
        const within = (one: number): boolean =>
          kind === 'system' ||
          (kind === 'queue' && QUEUE_OF[model.stageOf(one).stage] === queue) ||
          (kind === 'repository' && model.runs[one]?.repository === repository) ||
          (kind === 'run' && one === run);
        model.announceAgain(within);
      }
    }),
  );

const relay = fc
  .constantFrom(1, 2, 100)
  .map((window) => command(`relay(${window})`, (model, real) => relayOnce(model, real, window)));
const delivery = anyIndex.map((index) => command(`deliver(${index})`, (model, real) => deliver(model, real, index)));
const ending = fc
  .tuple(
    anyIndex,
    fc.constantFrom('advance' as End, 'advance' as End, ...ENDS),
    fc.boolean(),
    fc.constantFrom(...OVERS),
  )
  .map(([index, how, forget, over]) =>
    command(`end(${index}, ${how}, ${forget ? 'forget' : 'keep'}, by ${over})`, (model, real) =>
      endHold(model, real, index, how, { forget, over }),
    ),
  );
const beat = anyIndex.map((index) =>
  command(`beat(${index})`, async (model, real) => {
    const hold = at(real.holds, index);
    if (hold) same('renewed', await renew(real.db, hold.claim), model.renew(hold.model));
  }),
);
const crash = anyIndex.map((index) =>
  command(`crash(${index})`, async (_model, real) => {
    const hold = at(real.holds, index);
    if (hold) real.holds.splice(real.holds.indexOf(hold), 1);
  }),
);
const leasesRunOut = fc.constant(
  command('leases run out', async (model, { db }) => {
    await db.$executeRaw`UPDATE stage_run SET lease_until = now() - ${HOUR} WHERE state = 'running'`;
    for (const [run] of model.runs.entries())
      if (model.stageOf(run).state === 'running') model.stageOf(run).expired = true;
  }),
);
/** What the adversary likes best: a worker that is still alive loses its work to the same message, and goes on believing. */
const takeover = anyIndex.map((index) =>
  command(`take over(${index})`, async (model, real) => {
    const hold = at(real.holds, index);
    const stage = hold && model.current(hold.model);
    if (!hold || !stage) return;
    await real.db
      .$executeRaw`UPDATE stage_run SET lease_until = now() - ${HOUR} WHERE id = ${hold.claim.stageRunId}::uuid`;
    stage.expired = true;
    await deliverTo(model, real, hold.claim.stageRunId, index);
  }),
);
const time = fc.constant(command('time passes', timePasses));
const sweeping = fc.constant(command('sweep', sweepOnce));
const looking = fc.constant(command('look after messages', lookAfterMessages));
const wiping = fc.constant(
  command('wipe', async (_model, real) => {
    real.network.wipe();
    real.wiped = true;
  }),
);
const losing = anyIndex.map((index) =>
  command(`lose(${index})`, async (_model, { network }) => {
    const lost = at(network.carried, index);
    network.carried = network.carried.filter((message) => message !== lost);
  }),
);
const cancelling = anyIndex.map((index) =>
  command(`cancel(${index})`, async (model, real) => {
    const run = index % model.runs.length;
    same('asked to stop', await cancelRun(real.db, current(real, run), BY), model.cancel(run));
  }),
);
const replaying = anyIndex.map((index) =>
  command(`replay(${index})`, async (model, real) => {
    const run = index % model.runs.length;
    const filter = { runId: current(real, run), states: ['dead', 'failed'] as const };
    same('replayed', (await replay(real.db, filter, BY)).replayed.length === 1, model.replay(run));
  }),
);
const retrying = anyIndex.map((index) =>
  command(`retry(${index})`, async (model, real) => {
    const run = index % model.runs.length;
    same('retried', (await retryNow(real.db, { runId: current(real, run) }, BY)) === 1, model.retryNow(run));
  }),
);
const ranking = fc.tuple(anyIndex, fc.integer({ min: -2, max: 2 })).map(([index, priority]) =>
  command(`priority(${index}, ${priority})`, async (model, real) => {
    const run = index % model.runs.length;
    const active = ['pending', 'running'].includes(model.stageOf(run).state);
    same('ranked', await setPriority(real.db, current(real, run), priority, BY), active);
    if (active) (model.runs[run] as { priority: number }).priority = priority;
  }),
);

/** An adversary's schedule: everything that can happen, in any order. */
export const commands = (maxCommands: number): fc.Arbitrary<Iterable<Command>> =>
  fc.commands(
    [
      // As often as it takes to get anywhere.
      ...Array.from({ length: 5 }, () => [relay, delivery, delivery, ending]).flat(),
      ...[takeover, takeover, takeover, beat, crash, leasesRunOut, time, time, sweeping, sweeping],
      ...[looking, wiping, losing, pauseOrResume, pauseOrResume, cancelling, replaying, replaying, retrying, ranking],
    ],
    { maxCommands, size: 'max' },
  );

/**
 * A kind world again: nothing is paused, time passes, messages arrive, workers finish. Every run must come to its end
 * within a bounded number of rounds, whatever was done to it before.
 */
export async function comeToAnEnd(real: Real): Promise<void> {
  const scopes: Scope[] = [
    { kind: 'system' },
    ...QUEUES.map((queue) => ({ kind: 'queue' as const, queue })),
    ...real.repositories.map((repositoryId) => ({ kind: 'repository' as const, repositoryId })),
    ...real.seeded.map(({ runId }) => ({ kind: 'run' as const, runId })),
  ];
  for (const scope of scopes) await resume(real.db, scope, BY);
  // From here on only the database counts.
  for (let round = 0; round < 40; round++) {
    const open = await real.db.run.count({ where: { endedAt: null } });
    if (open === 0) return checkInvariants(real);
    await real.db
      .$executeRaw`UPDATE stage_run SET available_at = now() - ${HOUR}, lease_until = now() - ${HOUR} WHERE state IN ('pending', 'running')`;
    await real.db.$executeRaw`UPDATE outbox SET not_before = now() - ${HOUR}`;
    await sweepLeases(real.db);
    await sweepCancelled(real.db);
    await republishAfterWipe(real.db, real.network);
    await republishLost(real.db, real.network, -1_000);
    await publishDue(real.client, real.network, 100);
    for (const message of real.network.carried.splice(0)) {
      const held = await claim(real.db, message.stageRunId, 'kind');
      if (held) await commitResult(real.db, held, { kind: 'advance', artifacts: [] });
    }
  }
  throw new Error(
    `runs that never end: ${JSON.stringify(await real.db.stageRun.findMany({ where: { run: { endedAt: null } } }), (_, value) => (typeof value === 'bigint' ? String(value) : value))}`,
  );
}
