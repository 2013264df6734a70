import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { sink } from '@orchestrator/shared/boot/logger.ts';
import { createRepositories } from '@orchestrator/shared/boot/repositories.ts';
import { readEnvironment } from '@orchestrator/shared/config/environment.ts';
import {
  type DiscordServer,
  type DiscordServerOptions,
  startDiscordServer,
} from '@orchestrator/testkit/discord/server.ts';
import { createRepository, temporaryFolder } from '@orchestrator/testkit/git/test-repository.ts';
import { type TestDatabase, testDatabase } from '@orchestrator/testkit/postgres.ts';
import { seedRun } from '@orchestrator/testkit/seed-run.ts';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { addEvent } from '../test/event-rows.ts';
import { createDeliveryLoop, type DeliveryLoopOptions } from './deliveries.ts';

let database: TestDatabase;
let discord: DiscordServer;
let home: { path: string; remove: () => void };
let running: ReturnType<typeof createDeliveryLoop>[] = [];
let lines: readonly object[] = [];

beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.close());
beforeEach(async () => {
  await database.database.$executeRaw`TRUNCATE delivery, event, setting, repository CASCADE`;
  discord = await startDiscordServer();
  home = temporaryFolder();
});
afterEach(async () => {
  await Promise.all(running.map((loop) => loop.stop()));
  running = [];
  await discord.close();
  home.remove();
});

async function restartDiscord(options: DiscordServerOptions): Promise<void> {
  await discord.close();
  discord = await startDiscordServer(options);
}

async function start(options: Partial<DeliveryLoopOptions> = {}, webhookUrl: string | undefined = discord.webhookUrl) {
  const env = readEnvironment({ DISCORD_WEBHOOK_URL: webhookUrl, ORCHESTRATOR_HOME: home.path }, '/');
  const logged = sink();
  lines = logged.lines;
  const loop = createDeliveryLoop({
    db: database.database,
    env,
    log: logged.log,
    pollMs: 20,
    gatherMs: 0,
    backoffMs: () => 30,
    ...options,
  });
  await loop.start();
  running.push(loop);
  return loop;
}

const deliveries = () => database.database.delivery.findMany({ orderBy: { eventId: 'asc' } });
const titles = () => discord.messages.flatMap((message) => (message.embeds ?? []).map(({ title }) => title));

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await delay(10);
}
const settled = (number: number) =>
  until(async () => (await deliveries()).filter(({ state }) => state !== 'pending').length === number);

test('each new event reaches the channel once, in order, with the run that it belongs to', async () => {
  await start();
  const { runId } = await seedRun(database.database);
  await addEvent(database.database, 'run.started', { branch: 'ai/x' }, runId);
  await addEvent(database.database, 'budget.alert', {
    percent: 80,
    level: 'yellow',
    spentNanoUsd: '800000000',
    limitNanoUsd: '1000000000',
  });
  await settled(2);
  expect(titles()).toEqual(['Started: A task', 'Budget: 80 % spent']);
  expect(discord.messages[0]?.embeds?.[0]?.footer?.text).toContain(runId);
  expect(await deliveries()).toMatchObject([
    { state: 'sent', tries: 1, leaseUntil: null, lastError: null },
    { state: 'sent' },
  ]);
});

test('without an address nothing is written or sent', async () => {
  const loop = await start({}, '');
  await addEvent(database.database, 'run.started');
  await delay(100);
  await loop.stop();
  expect(await deliveries()).toEqual([]);
  expect(await database.database.setting.count()).toBe(0);
});

test('what happened before the channel had an address is not told, and what happens while we are down is', async () => {
  await addEvent(database.database, 'run.started', { before: true });
  await (await start()).stop();
  await addEvent(database.database, 'budget.phase', { name: 'steady' });
  await start();
  await settled(1);
  expect(titles()).toEqual(['Budget phase: steady']);
});

test('an event of a transaction that ends late, with a lower number than one that was sent, is still told', async () => {
  await start();
  const late = await database.database.$transaction(
    async (tx) => {
      const { id } = await tx.event.create({ data: { type: 'budget.phase', data: { name: 'late' } } });
      await addEvent(database.database, 'budget.phase', { name: 'early' });
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
  mkdirSync(home.path, { recursive: true });
  writeFileSync(join(home.path, 'orchestrator.yaml'), 'notify:\n  events: [budget.phase]\n');
  await start();
  await addEvent(database.database, 'budget.alert', { percent: 80 });
  await addEvent(database.database, 'budget.phase', { name: 'steady' });
  await settled(1);
  expect(titles()).toEqual(['Budget phase: steady']);
});

test('a repository says itself which of its events are sent', async () => {
  const source = createRepository(join(home.path, 'app'));
  const baseCommit = source.commit({ 'orchestrator.yaml': 'notify:\n  events: [run.started]\n' });
  const env = readEnvironment({ ORCHESTRATOR_HOME: home.path }, '/');
  await start({ repositories: createRepositories(env, sink().log) });
  const quiet = await seedRun(database.database, { url: source.path, baseCommit });
  const gone = await seedRun(database.database, { url: join(home.path, 'gone') });
  await addEvent(database.database, 'run.coded', {}, quiet.runId);
  await addEvent(database.database, 'run.started', {}, quiet.runId);
  await addEvent(database.database, 'run.coded', {}, gone.runId);
  await settled(2);
  expect(titles()).toEqual(['Started: A task', 'Code ready: A task']);
});

test('a rate limit is waited for, uncounted, and every message arrives', async () => {
  await restartDiscord({ rateLimit: { requests: 2, windowMs: 400 } });
  await start();
  for (let index = 0; index < 6; index += 1) await addEvent(database.database, 'budget.phase', { name: `p${index}` });
  await settled(6);
  expect(titles()).toEqual([0, 1, 2, 3, 4, 5].map((index) => `Budget phase: p${index}`));
  expect((await deliveries()).every(({ tries }) => tries === 1)).toBe(true);
  expect(discord.requests.length).toBeLessThan(12);
});

test('errors, resets and silence are tried again', async () => {
  discord.faults.next([
    { kind: 'status', status: 500 },
    { kind: 'reset' },
    { kind: 'status', status: 502, body: '<html>' },
  ]);
  await start();
  await addEvent(database.database, 'budget.phase', { name: 'steady' });
  await settled(1);
  expect(await deliveries()).toMatchObject([{ state: 'sent', tries: 4 }]);
});

test('a message is given up after its tries, with the error kept, and the next one is sent', async () => {
  discord.faults.next([1, 2, 3].map(() => ({ kind: 'status', status: 503 })));
  await start({ maxTries: 3 });
  await addEvent(database.database, 'budget.phase', { name: 'first' });
  await settled(1);
  await addEvent(database.database, 'budget.phase', { name: 'second' });
  await settled(2);
  expect(await deliveries()).toMatchObject([
    { state: 'failed', tries: 3, lastError: 'Discord answered 503' },
    { state: 'sent' },
  ]);
});

test('a webhook that was deleted is not tried again and again, and its address is in no row and no line', async () => {
  discord.deleteWebhook();
  await start();
  await addEvent(database.database, 'budget.phase', { name: 'steady' });
  await settled(1);
  expect(await deliveries()).toMatchObject([
    { state: 'failed', tries: 1, lastError: 'Discord answered 404: Unknown Webhook (10015)' },
  ]);
  await discord.close();
  await addEvent(database.database, 'budget.phase', { name: 'again' });
  await until(async () => ((await deliveries())[1]?.lastError ?? '') !== '');
  const token = new URL(discord.webhookUrl).pathname.split('/').at(-1) as string;
  expect(
    JSON.stringify(lines) +
      JSON.stringify(await deliveries(), (_, value) => (typeof value === 'bigint' ? String(value) : value)),
  ).not.toContain(token);
});

test('a process that dies while it sends is followed, when its lease ends, by another that sends again', async () => {
  await start();
  const eventId = await addEvent(database.database, 'budget.phase', { name: 'first' });
  await settled(1);
  const db = database.database;
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
  discord.faults.next([{ kind: 'lost-answer' }]);
  await start();
  await addEvent(database.database, 'budget.phase', { name: 'steady' });
  await settled(1);
  expect(titles()).toEqual(['Budget phase: steady', 'Budget phase: steady']);
});

test('a message whose senders always die is given up', async () => {
  await start({ maxTries: 2 });
  const eventId = await addEvent(database.database, 'budget.phase', { name: 'steady' });
  await settled(1);
  await database.database
    .$executeRaw`UPDATE delivery SET state = 'pending', tries = 2, lease_until = now() - interval '1 second' WHERE event_id = ${eventId}`;
  await settled(1);
  expect(await deliveries()).toMatchObject([{ state: 'failed', lastError: 'no answer was stored in 2 tries' }]);
  expect(discord.messages).toHaveLength(1);
});

test('several notifiers share the messages: none is sent twice', async () => {
  await Promise.all([start(), start(), start()]);
  for (let index = 0; index < 30; index += 1) await addEvent(database.database, 'budget.phase', { name: `p${index}` });
  await settled(30);
  const lines = discord.messages.flatMap(({ embeds = [] }) =>
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
  await addEvent(database.database, 'budget.phase', { name: 'last' });
  await loop.stop();
  expect(titles()).toEqual(['Budget phase: last']);
});

test('stopping does not wait long for a channel that hangs, and the message is kept', async () => {
  discord.faults.next([{ kind: 'hang' }]);
  const loop = await start();
  await addEvent(database.database, 'budget.phase', { name: 'kept' });
  await until(() => discord.requests.length === 1);
  await loop.stop();
  expect(await deliveries()).toMatchObject([
    { state: 'pending', lastError: 'Discord did not answer: this process stopped before' },
  ]);
});
