import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { sink } from '@orchestrator/shared/boot/logger.ts';
import { createRepositories } from '@orchestrator/shared/boot/repositories.ts';
import { readEnvironment } from '@orchestrator/shared/config/environment.ts';
import { createRepository } from '@orchestrator/testkit/git/test-repository.ts';
import { seedRun } from '@orchestrator/testkit/seed-run.ts';
import { expect, test } from 'vitest';
import { discordScenes } from '../test/discord-scene.ts';
import { addEvent } from '../test/event-rows.ts';

const scene = discordScenes();
const { start, deliveries, settled } = scene;
const titles = () => scene.discord.messages.flatMap((message) => (message.embeds ?? []).map(({ title }) => title));

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await delay(10);
}

test('each new event reaches the channel once, in order, with the run that it belongs to', async () => {
  await start();
  const { runId } = await seedRun(scene.db);
  await addEvent(scene.db, 'run.started', { branch: 'ai/x' }, runId);
  await addEvent(scene.db, 'budget.alert', {
    percent: 80,
    level: 'yellow',
    spentNanoUsd: '800000000',
    limitNanoUsd: '1000000000',
  });
  await settled(2);
  expect(titles()).toEqual(['Started: A task', 'Budget: 80 % spent']);
  expect(scene.discord.messages[0]?.embeds?.[0]?.footer?.text).toContain(runId);
  expect(await deliveries()).toMatchObject([
    { state: 'sent', tries: 1, leaseUntil: null, lastError: null },
    { state: 'sent' },
  ]);
});

test('without an address nothing is written or sent', async () => {
  const loop = await start({}, '');
  await addEvent(scene.db, 'run.started');
  await delay(100);
  await loop.stop();
  expect(await deliveries()).toEqual([]);
  expect(await scene.db.setting.count()).toBe(0);
});

test('what happened before the channel had an address is not told, and what happens while we are down is', async () => {
  await addEvent(scene.db, 'run.started', { before: true });
  await (await start()).stop();
  await addEvent(scene.db, 'budget.phase', { name: 'steady' });
  await start();
  await settled(1);
  expect(titles()).toEqual(['Budget phase: steady']);
});

test('an event of a transaction that ends late, with a lower number than one that was sent, is still told', async () => {
  await start();
  const late = await scene.db.$transaction(
    async (tx) => {
      const { id } = await tx.event.create({ data: { type: 'budget.phase', data: { name: 'late' } } });
      await addEvent(scene.db, 'budget.phase', { name: 'early' });
      await settled(1);
      return id;
    },
    { timeout: 20_000 },
  );
  await settled(2);
  expect((await deliveries())[0]?.eventId).toBe(late);
  expect(titles()).toEqual(['Budget phase: early', 'Budget phase: late']);
});

test('only the events that the operator wants are sent', async () => {
  scene.configure('  events: [budget.phase]\n');
  await start();
  await addEvent(scene.db, 'budget.alert', { percent: 80 });
  await addEvent(scene.db, 'budget.phase', { name: 'steady' });
  await settled(1);
  expect(titles()).toEqual(['Budget phase: steady']);
});

test('a repository says itself which of its events are sent', async () => {
  const source = createRepository(join(scene.home, 'app'));
  const baseCommit = source.commit({ 'orchestrator.yaml': 'notify:\n  events: [run.started]\n' });
  const env = readEnvironment({ ORCHESTRATOR_HOME: scene.home }, '/');
  await start({ repositories: createRepositories(env, sink().log) });
  const quiet = await seedRun(scene.db, { url: source.path, baseCommit });
  const gone = await seedRun(scene.db, { url: join(scene.home, 'gone') });
  await addEvent(scene.db, 'run.coded', {}, quiet.runId);
  await addEvent(scene.db, 'run.started', {}, quiet.runId);
  await addEvent(scene.db, 'run.coded', {}, gone.runId);
  await settled(2);
  expect(titles()).toEqual(['Started: A task', 'Code ready: A task']);
});

test('a rate limit is waited for, uncounted, and every message arrives', async () => {
  await scene.replaceDiscord({ rateLimit: { requests: 2, windowMs: 400 } });
  await start();
  for (let index = 0; index < 6; index += 1) await addEvent(scene.db, 'budget.phase', { name: `p${index}` });
  await settled(6);
  expect(titles()).toEqual([0, 1, 2, 3, 4, 5].map((index) => `Budget phase: p${index}`));
  expect((await deliveries()).every(({ tries }) => tries === 1)).toBe(true);
  expect(scene.discord.requests.length).toBeLessThan(12);
});

test('errors, resets and silence are tried again', async () => {
  scene.discord.faults.next([
    { kind: 'status', status: 500 },
    { kind: 'reset' },
    { kind: 'status', status: 502, body: '<html>' },
  ]);
  await start();
  await addEvent(scene.db, 'budget.phase', { name: 'steady' });
  await settled(1);
  expect(await deliveries()).toMatchObject([{ state: 'sent', tries: 4 }]);
});

test('a message is given up after its tries, with the error kept, and the next one is sent', async () => {
  scene.discord.faults.next([1, 2, 3].map(() => ({ kind: 'status', status: 503 })));
  await start({ maxTries: 3 });
  await addEvent(scene.db, 'budget.phase', { name: 'first' });
  await settled(1);
  await addEvent(scene.db, 'budget.phase', { name: 'second' });
  await settled(2);
  expect(await deliveries()).toMatchObject([
    { state: 'failed', tries: 3, lastError: 'Discord answered 503' },
    { state: 'sent' },
  ]);
});

test('a webhook that was deleted is not tried again and again, and its address is in no row and no line', async () => {
  scene.discord.deleteWebhook();
  await start();
  await addEvent(scene.db, 'budget.phase', { name: 'steady' });
  await settled(1);
  expect(await deliveries()).toMatchObject([
    { state: 'failed', tries: 1, lastError: 'Discord answered 404: Unknown Webhook (10015)' },
  ]);
  await scene.discord.close();
  await addEvent(scene.db, 'budget.phase', { name: 'again' });
  await until(async () => ((await deliveries())[1]?.lastError ?? '') !== '');
  const token = new URL(scene.discord.webhookUrl).pathname.split('/').at(-1) as string;
  expect(
    JSON.stringify(scene.lines) +
      JSON.stringify(await deliveries(), (_, value) => (typeof value === 'bigint' ? String(value) : value)),
  ).not.toContain(token);
});

test('a process that dies while it sends is followed, when its lease ends, by another that sends again', async () => {
  await start();
  const eventId = await addEvent(scene.db, 'budget.phase', { name: 'first' });
  await settled(1);
  const db = scene.db;
  await db.$executeRaw`UPDATE delivery SET state = 'pending', tries = 1, sent_at = NULL, lease_until = now() + interval '1 hour' WHERE event_id = ${eventId}`;
  await addEvent(db, 'budget.phase', { name: 'second' });
  await settled(1);
  expect(titles()).toEqual(['Budget phase: first', 'Budget phase: second']);
  await db.$executeRaw`UPDATE delivery SET lease_until = now() - interval '1 second' WHERE event_id = ${eventId}`;
  await settled(2);
  expect(titles()).toEqual(['Budget phase: first', 'Budget phase: second', 'Budget phase: first']);
  expect((await deliveries())[0]).toMatchObject({ state: 'sent', tries: 2 });
});

test('an answer that is lost leads to a second message, not to a lost one', async () => {
  scene.discord.faults.next([{ kind: 'lost-answer' }]);
  await start();
  await addEvent(scene.db, 'budget.phase', { name: 'steady' });
  await settled(1);
  expect(titles()).toEqual(['Budget phase: steady', 'Budget phase: steady']);
});

test('a message whose senders always die is given up', async () => {
  await start({ maxTries: 2 });
  const eventId = await addEvent(scene.db, 'budget.phase', { name: 'steady' });
  await settled(1);
  await scene.db
    .$executeRaw`UPDATE delivery SET state = 'pending', tries = 2, lease_until = now() - interval '1 second' WHERE event_id = ${eventId}`;
  await settled(1);
  expect(await deliveries()).toMatchObject([{ state: 'failed', lastError: 'no answer was stored in 2 tries' }]);
  expect(scene.discord.messages).toHaveLength(1);
});

test('several notifiers share the messages: none is sent twice', async () => {
  await Promise.all([start(), start(), start()]);
  for (let index = 0; index < 30; index += 1) await addEvent(scene.db, 'budget.phase', { name: `p${index}` });
  await settled(30);
  const lines = scene.discord.messages.flatMap(({ embeds = [] }) =>
    (embeds ?? []).flatMap(({ title, description = '' }) => [title, ...description.split('\n')]),
  );
  for (let index = 0; index < 30; index += 1)
    expect(
      lines.filter((line) => line?.endsWith(`Budget phase: p${index}`)),
      `p${index}`,
    ).toHaveLength(1);
});

test('stopping sends what happened last', async () => {
  const loop = await start({ pollMs: 60_000 });
  await delay(100);
  await addEvent(scene.db, 'budget.phase', { name: 'last' });
  await loop.stop();
  expect(titles()).toEqual(['Budget phase: last']);
});

test('stopping does not wait long for a channel that hangs, and the message is kept', async () => {
  scene.discord.faults.next([{ kind: 'hang' }]);
  const loop = await start();
  await addEvent(scene.db, 'budget.phase', { name: 'kept' });
  await until(() => scene.discord.requests.length === 1);
  await loop.stop();
  expect(await deliveries()).toMatchObject([
    { state: 'pending', lastError: 'Discord did not answer: this process stopped before' },
  ]);
});
