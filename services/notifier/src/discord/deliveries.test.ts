import { setTimeout as delay } from 'node:timers/promises';
import type { EventType } from '@orchestrator/shared/contracts/events.ts';
import type { DiscordServerOptions } from '@orchestrator/testkit/discord/server.ts';
import { seedRun } from '@orchestrator/testkit/seed-run.ts';
import { describe, expect, test } from 'vitest';
import { discordScenes } from '../../test/discord-scene.ts';
import { addEvent } from '../../test/event-rows.ts';

const scene = discordScenes();
const { start, stopAll, deliveries, settled } = scene;
async function open(notify: string, options: DiscordServerOptions = {}): Promise<void> {
  await scene.replaceDiscord(options);
  scene.configure(notify);
}
const tell = (type: EventType, runId: string | null, data: object = {}) => addEvent(scene.db, type, data, runId);
const fieldOf = (index: number, name: string) =>
  scene.discord.posted[index]?.embeds?.[0]?.fields?.find((field) => field.name === name)?.value;

describe('news that come together', () => {
  test('are one message: few as they are, many as a list, whatever is urgent on its own', async () => {
    await open('  discord: events\n');
    await start({ gatherMs: 60_000 });
    const runs = await Promise.all(Array.from({ length: 25 }, () => seedRun(scene.db)));
    for (const { runId } of runs) await tell('run.published', runId, { url: `https://example.com/pull/${runId}` });
    await delay(200);
    expect(scene.discord.messages).toHaveLength(0);
    await tell('run.failed', runs[0]?.runId ?? null, { code: 'CRASHED', message: 'It crashed.' });
    await settled(26);
    expect(scene.discord.messages).toHaveLength(1);
    expect(scene.discord.messages[0]?.embeds).toMatchObject([
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
    const { runId } = await seedRun(scene.db);
    await tell('run.started', runId);
    await delay(100);
    expect(scene.discord.messages).toHaveLength(0);
    await tell('run.specified', runId, { summary: 'How.' });
    await settled(2);
    expect(scene.discord.messages.map(({ embeds }) => embeds?.length)).toEqual([2]);
  });

  test('that do not fit are shortened to what does, and none is lost', async () => {
    await open('  discord: events\n');
    await start({ gatherMs: 60_000 });
    const { runId } = await seedRun(scene.db);
    for (let i = 0; i < 60; i += 1) await tell('tasks.invalid', runId, { file: `${i}-${'x'.repeat(90)}`, count: 1 });
    await settled(60);
    const text = JSON.stringify(scene.discord.messages);
    expect(scene.discord.messages.length).toBeLessThan(60);
    expect(text).toMatch(/60 ×|… and \d+ more|1 problem/);
  });
});

describe('one message a run', () => {
  const YAML = '  discord: run\n';

  test('is updated in place, also by another process after a restart', async () => {
    await open(YAML);
    const [one, two] = await Promise.all([seedRun(scene.db), seedRun(scene.db)]);
    await start();
    await tell('run.started', one.runId);
    await tell('run.started', two.runId);
    await settled(2);
    await stopAll();
    await start();
    await tell('run.specified', one.runId, { summary: 'How it is done.' });
    await settled(3);
    expect(scene.discord.posted).toHaveLength(2);
    expect(scene.discord.posted[0]?.embeds).toMatchObject([
      { title: 'Specification ready: A task', description: 'How it is done.' },
    ]);
    expect(fieldOf(0, 'So far')).toMatch(/^▪ Started <t:\d+:R>\n▪ Specification ready <t:\d+:R>$/);
    expect(fieldOf(1, 'So far')).toMatch(/^▪ Started <t:\d+:R>$/);
  });

  test('stays one where several notifiers share the news', async () => {
    await open(YAML);
    const runs = await Promise.all(Array.from({ length: 4 }, () => seedRun(scene.db)));
    await Promise.all([start(), start(), start()]);
    for (const type of ['run.started', 'run.specified', 'run.coded', 'run.published'] as const)
      await Promise.all(runs.map(({ runId }) => tell(type, runId)));
    await settled(16);
    expect(scene.discord.posted).toHaveLength(4);
    for (const { embeds } of scene.discord.posted) expect(embeds?.[0]?.title).toBe('Published: A task');
    for (const at of [0, 1, 2, 3]) expect(fieldOf(at, 'So far')?.split('\n')).toHaveLength(4);
    expect(await scene.db.channelMessage.count()).toBe(4);
  });

  test('begins anew where somebody deleted it, and where the answer to the first was lost', async () => {
    await open(YAML);
    const { runId } = await seedRun(scene.db);
    scene.discord.faults.next([{ kind: 'lost-answer' }]);
    await start();
    await tell('run.started', runId);
    await settled(1);
    expect(scene.discord.posted).toHaveLength(2);
    scene.discord.delete('2');
    await tell('run.specified', runId);
    await settled(2);
    expect(scene.discord.posted.map(({ id, embeds }) => [id, embeds?.[0]?.title])).toEqual([
      ['1', 'Started: A task'],
      ['3', 'Specification ready: A task'],
    ]);
  });

  test('is another one at another address', async () => {
    await open(YAML);
    const { runId } = await seedRun(scene.db);
    await start();
    await tell('run.started', runId);
    await settled(1);
    await stopAll();
    await scene.replaceDiscord();
    await start();
    await tell('run.specified', runId);
    await settled(2);
    expect(scene.discord.posted).toHaveLength(1);
    expect(scene.discord.requests.map(({ method }) => method)).toEqual(['POST']);
  });

  test('is not edited by an edit that cannot be tried again without harm: a server error repeats it', async () => {
    await open(YAML);
    const { runId } = await seedRun(scene.db);
    await start();
    await tell('run.started', runId);
    await settled(1);
    scene.discord.faults.next([{ kind: 'lost-answer' }, { kind: 'status', status: 502 }], { method: 'PATCH' });
    await tell('run.specified', runId);
    await settled(2);
    expect(scene.discord.posted).toHaveLength(1);
    expect((await deliveries())[1]).toMatchObject({ state: 'sent', tries: 3 });
  });
});

describe('a thread a run', () => {
  const YAML = '  discord: thread\n';

  test('is begun in a forum with its name, and holds the rest', async () => {
    await open(YAML, { channel: 'forum' });
    const { runId, taskId } = await seedRun(scene.db);
    await scene.db.task.update({ where: { id: taskId }, data: { title: `*Bold* ${'plan '.repeat(40)}` } });
    await start();
    await tell('run.started', runId);
    await settled(1);
    await stopAll();
    await start();
    await tell('run.specified', runId);
    await settled(2);
    const [[thread, name] = ['', '']] = [...scene.discord.threads];
    expect(scene.discord.threads.size).toBe(1);
    expect(name).toMatch(/^\*Bold\* plan .*…?$/);
    expect(scene.discord.posted.map(({ channelId }) => channelId)).toEqual([thread, thread]);
    scene.discord.delete(thread);
    await tell('run.coded', runId);
    await settled(3);
    expect(scene.discord.threads.size).toBe(1);
    expect((await deliveries()).every(({ state }) => state === 'sent')).toBe(true);
  });

  test('is left out where the channel has none', async () => {
    await open(YAML);
    const { runId } = await seedRun(scene.db);
    await start();
    await tell('run.started', runId);
    await tell('run.specified', runId);
    await settled(2);
    expect(scene.discord.posted.flatMap(({ embeds }) => embeds ?? [])).toHaveLength(2);
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
    const { runId } = await seedRun(scene.db);
    await start();
    await tell('budget.frozen', null, { why: 'a call cost more <@&5> @everyone', phase: 'launch' });
    await settled(1);
    await tell('run.failed', runId, { code: 'NO_PROGRESS', message: 'Stuck.' });
    await settled(2);
    expect(scene.discord.messages).toMatchObject([
      { content: '<@&123>', allowed_mentions: { parse: [], roles: ['123'] } },
      { allowed_mentions: { parse: [] } },
    ]);
    expect(scene.discord.messages[1]?.content).toBeUndefined();
    expect(scene.discord.messages[1]?.allowed_mentions).toEqual({ parse: [] });
  });

  test('is called by a message of its own, since an edit calls nobody', async () => {
    await open(RULES);
    const { runId } = await seedRun(scene.db);
    await start();
    await tell('run.started', runId);
    await settled(1);
    await tell('run.failed', runId, { code: 'CRASHED', message: 'It crashed.' });
    await settled(2);
    expect(scene.discord.posted).toHaveLength(2);
    expect(scene.discord.posted[0]?.embeds?.[0]?.title).toBe('Failed: A task');
    expect(scene.discord.posted[1]).toMatchObject({
      content: '<@&123> <@9>',
      allowed_mentions: { parse: [], roles: ['123'], users: ['9'] },
    });
  });
});

test('a failure shows what the last verdict found first, and where it can be seen', async () => {
  await open('  discord: events\n');
  const { runId } = await seedRun(scene.db);
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
  await scene.db.artifact.create({ data: { runId, kind: 'verdict', content } });
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
