import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { sink } from '@orchestrator/shared/boot/logger.ts';
import { readEnvironment } from '@orchestrator/shared/config/environment.ts';
import type { EventType } from '@orchestrator/shared/contracts/events.ts';
import {
  type DiscordServer,
  type DiscordServerOptions,
  startDiscordServer,
} from '@orchestrator/testkit/discord/server.ts';
import { temporaryFolder } from '@orchestrator/testkit/git/test-repository.ts';
import { type TestDatabase, testDatabase } from '@orchestrator/testkit/postgres.ts';
import { seedRun } from '@orchestrator/testkit/seed-run.ts';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { addEvent } from '../../test/event-rows.ts';
import { createDeliveryLoop, type DeliveryLoopOptions } from '../deliveries.ts';

let database: TestDatabase;
let discord: DiscordServer;
let home: { path: string; remove: () => void };
let running: ReturnType<typeof createDeliveryLoop>[] = [];

beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.close());
beforeEach(async () => {
  await database.database.$executeRaw`TRUNCATE delivery, event, setting, repository CASCADE`;
  home = temporaryFolder();
});
afterEach(async () => {
  await stopAll();
  await discord.close();
  home.remove();
});

async function stopAll(): Promise<void> {
  await Promise.all(running.map((loop) => loop.stop()));
  running = [];
}

async function open(notify: string, options: DiscordServerOptions = {}): Promise<void> {
  discord = await startDiscordServer(options);
  mkdirSync(home.path, { recursive: true });
  writeFileSync(join(home.path, 'orchestrator.yaml'), `notify:\n${notify}`);
}

async function start(options: Partial<DeliveryLoopOptions> = {}): Promise<void> {
  const env = readEnvironment({ DISCORD_WEBHOOK_URL: discord.webhookUrl, ORCHESTRATOR_HOME: home.path }, '/');
  const loop = createDeliveryLoop({
    db: database.database,
    env,
    log: sink().log,
    pollMs: 20,
    gatherMs: 0,
    backoffMs: () => 30,
    ...options,
  });
  await loop.start();
  running.push(loop);
}

const tell = (type: EventType, runId: string | null, data: object = {}) =>
  addEvent(database.database, type, data, runId);
const deliveries = () => database.database.delivery.findMany({ orderBy: { eventId: 'asc' } });
async function settled(number: number): Promise<void> {
  while ((await deliveries()).filter(({ state }) => state !== 'pending').length < number) await delay(10);
}
const fieldOf = (index: number, name: string) =>
  discord.posted[index]?.embeds?.[0]?.fields?.find((field) => field.name === name)?.value;

describe('news that come together', () => {
  test('are one message: few as they are, many as a list, whatever is urgent on its own', async () => {
    await open('  discord: events\n');
    await start({ gatherMs: 60_000 });
    const runs = await Promise.all(Array.from({ length: 25 }, () => seedRun(database.database)));
    for (const { runId } of runs) await tell('run.published', runId, { url: `https://example.com/pull/${runId}` });
    await delay(200);
    expect(discord.messages).toHaveLength(0);
    await tell('run.failed', runs[0]?.runId ?? null, { code: 'CRASHED', message: 'It crashed.' });
    await settled(26);
    expect(discord.messages).toHaveLength(1);
    expect(discord.messages[0]?.embeds).toMatchObject([
      { title: 'Failed: A task', description: 'It crashed.' },
      {
        title: '25 × Published',
        description: expect.stringContaining(`](<https://example.com/pull/${runs[24]?.runId}>)`),
      },
    ]);
  });

  test('wait for others a while, and no longer', async () => {
    await open('  discord: events\n');
    await start({ gatherMs: 300 });
    const { runId } = await seedRun(database.database);
    await tell('run.started', runId);
    await delay(100);
    expect(discord.messages).toHaveLength(0);
    await tell('run.specified', runId, { summary: 'How.' });
    await settled(2);
    expect(discord.messages.map(({ embeds }) => embeds?.length)).toEqual([2]);
  });

  test('that do not fit are shortened to what does, and none is lost', async () => {
    await open('  discord: events\n');
    await start({ gatherMs: 60_000 });
    const { runId } = await seedRun(database.database);
    for (let i = 0; i < 60; i += 1) await tell('tasks.invalid', runId, { file: `${i}-${'x'.repeat(90)}`, count: 1 });
    await settled(60);
    const text = JSON.stringify(discord.messages);
    expect(discord.messages.length).toBeLessThan(60);
    expect(text).toMatch(/60 ×|… and \d+ more|1 problem/);
  });
});

describe('one message a run', () => {
  const YAML = '  discord: run\n';

  test('is updated in place, also by another process after a restart', async () => {
    await open(YAML);
    const [one, two] = await Promise.all([seedRun(database.database), seedRun(database.database)]);
    await start();
    await tell('run.started', one.runId);
    await tell('run.started', two.runId);
    await settled(2);
    await stopAll();
    await start();
    await tell('run.specified', one.runId, { summary: 'How it is done.' });
    await settled(3);
    expect(discord.posted).toHaveLength(2);
    expect(discord.posted[0]?.embeds).toMatchObject([
      { title: 'Specification ready: A task', description: 'How it is done.' },
    ]);
    expect(fieldOf(0, 'So far')).toMatch(/^▪ Started <t:\d+:R>\n▪ Specification ready <t:\d+:R>$/);
    expect(fieldOf(1, 'So far')).toMatch(/^▪ Started <t:\d+:R>$/);
  });

  test('stays one where several notifiers share the news', async () => {
    await open(YAML);
    const runs = await Promise.all(Array.from({ length: 4 }, () => seedRun(database.database)));
    await Promise.all([start(), start(), start()]);
    for (const type of ['run.started', 'run.specified', 'run.coded', 'run.published'] as const)
      await Promise.all(runs.map(({ runId }) => tell(type, runId)));
    await settled(16);
    expect(discord.posted).toHaveLength(4);
    for (const { embeds } of discord.posted) expect(embeds?.[0]?.title).toBe('Published: A task');
    for (const at of [0, 1, 2, 3]) expect(fieldOf(at, 'So far')?.split('\n')).toHaveLength(4);
    expect(await database.database.channelMessage.count()).toBe(4);
  });

  test('begins anew where somebody deleted it, and where the answer to the first was lost', async () => {
    await open(YAML);
    const { runId } = await seedRun(database.database);
    discord.faults.next([{ kind: 'lost-answer' }]);
    await start();
    await tell('run.started', runId);
    await settled(1);
    expect(discord.posted).toHaveLength(2);
    discord.delete('2');
    await tell('run.specified', runId);
    await settled(2);
    expect(discord.posted.map(({ id, embeds }) => [id, embeds?.[0]?.title])).toEqual([
      ['1', 'Started: A task'],
      ['3', 'Specification ready: A task'],
    ]);
  });

  test('is another one at another address', async () => {
    await open(YAML);
    const { runId } = await seedRun(database.database);
    await start();
    await tell('run.started', runId);
    await settled(1);
    await stopAll();
    const before = discord;
    discord = await startDiscordServer();
    await before.close();
    await start();
    await tell('run.specified', runId);
    await settled(2);
    expect(discord.posted).toHaveLength(1);
    expect(discord.requests.map(({ method }) => method)).toEqual(['POST']);
  });

  test('is not edited by an edit that cannot be tried again without harm: a server error repeats it', async () => {
    await open(YAML);
    const { runId } = await seedRun(database.database);
    await start();
    await tell('run.started', runId);
    await settled(1);
    discord.faults.next([{ kind: 'lost-answer' }, { kind: 'status', status: 502 }], { method: 'PATCH' });
    await tell('run.specified', runId);
    await settled(2);
    expect(discord.posted).toHaveLength(1);
    expect((await deliveries())[1]).toMatchObject({ state: 'sent', tries: 3 });
  });
});

describe('a thread a run', () => {
  const YAML = '  discord: thread\n';

  test('is begun in a forum with its name, and holds the rest', async () => {
    await open(YAML, { channel: 'forum' });
    const { runId, taskId } = await seedRun(database.database);
    await database.database.task.update({ where: { id: taskId }, data: { title: `*Bold* ${'plan '.repeat(40)}` } });
    await start();
    await tell('run.started', runId);
    await settled(1);
    await stopAll();
    await start();
    await tell('run.specified', runId);
    await settled(2);
    const [[thread, name] = ['', '']] = [...discord.threads];
    expect(discord.threads.size).toBe(1);
    expect(name).toMatch(/^\*Bold\* plan .*…?$/);
    expect(discord.posted.map(({ channelId }) => channelId)).toEqual([thread, thread]);
    discord.delete(thread);
    await tell('run.coded', runId);
    await settled(3);
    expect(discord.threads.size).toBe(1);
    expect((await deliveries()).every(({ state }) => state === 'sent')).toBe(true);
  });

  test('is left out where the channel has none', async () => {
    await open(YAML);
    const { runId } = await seedRun(database.database);
    await start();
    await tell('run.started', runId);
    await tell('run.specified', runId);
    await settled(2);
    expect(discord.posted.flatMap(({ embeds }) => embeds ?? [])).toHaveLength(2);
    expect((await deliveries()).every(({ state }) => state === 'sent')).toBe(true);
  });
});

describe('who is called', () => {
  const RULES = `  discord: run
  mentions:
    - { events: [budget.frozen], discord: ['role:123'] }
    - { events: [run.failed], codes: [CRASHED], discord: ['role:123', 'user:9'] }
`;

  test('is who the rules name for that event, by id and nobody else', async () => {
    await open(RULES);
    const { runId } = await seedRun(database.database);
    await start();
    await tell('budget.frozen', null, { why: 'a call cost more <@&5> @everyone', phase: 'launch' });
    await settled(1);
    await tell('run.failed', runId, { code: 'NO_PROGRESS', message: 'Stuck.' });
    await settled(2);
    expect(discord.messages).toMatchObject([
      { content: '<@&123>', allowed_mentions: { parse: [], roles: ['123'] } },
      { allowed_mentions: { parse: [] } },
    ]);
    expect(discord.messages[1]?.content).toBeUndefined();
    expect(discord.messages[1]?.allowed_mentions).toEqual({ parse: [] });
  });

  test('is called by a message of its own, since an edit calls nobody', async () => {
    await open(RULES);
    const { runId } = await seedRun(database.database);
    await start();
    await tell('run.started', runId);
    await settled(1);
    await tell('run.failed', runId, { code: 'CRASHED', message: 'It crashed.' });
    await settled(2);
    expect(discord.posted).toHaveLength(2);
    expect(discord.posted[0]?.embeds?.[0]?.title).toBe('Failed: A task');
    expect(discord.posted[1]).toMatchObject({
      content: '<@&123> <@9>',
      allowed_mentions: { parse: [], roles: ['123'], users: ['9'] },
    });
  });
});

test('a failure shows what the last verdict found first, and where it can be seen', async () => {
  await open('  discord: events\n');
  const { runId } = await seedRun(database.database);
  const finding = (message: string, severity = 'error') => ({
    check: 'test',
    code: 'X',
    severity,
    message,
    file: 'a.js',
    line: 3,
  });
  const content = {
    findings: [finding('a warning', 'warning'), ...['one', 'two', 'three', 'four'].map((each) => finding(each))],
  };
  await database.database.artifact.create({ data: { runId, kind: 'verdict', content } });
  await start();
  await tell('run.rejected', runId, { code: 'ROUNDS_EXHAUSTED', message: 'No round passed.' });
  await settled(1);
  expect(fieldOf(0, 'First findings')).toBe('`a.js:3`\none\n\n`a.js:3`\ntwo\n\n`a.js:3`\nthree');
});

test('a global limit is waited for like one of the webhook', async () => {
  await open('  discord: events\n', { globalLimit: { requests: 1, windowMs: 300 } });
  await start();
  for (const name of ['one', 'two', 'three']) {
    await tell('budget.phase', null, { name });
    await delay(30);
  }
  await settled(3);
  expect((await deliveries()).every(({ state, tries }) => state === 'sent' && tries === 1)).toBe(true);
});
