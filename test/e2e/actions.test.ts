import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ActionsScene, actionsScene, BRANCH, until } from './actions-scene.ts';

const SLOW = { timeout: 400_000 };

describe('the action, from the first run on', () => {
  let scene: ActionsScene;
  beforeAll(async () => {
    scene = await actionsScene();
  });
  afterAll(() => scene.close());

  it('does not begin a budget unasked, and says how to', SLOW, async () => {
    const job = scene.job();
    expect(await job.ended, job.output()).toBe(3);
    expect(job.outputs()).toMatchObject({ result: 'failed' });
    expect(job.summary()).toContain('STATE_MISSING');
    expect(job.summary()).toContain('--begin');
    expect(scene.hasState()).toBe(false);
  });

  it('shows in a dry run, without keys, what it would do, and leaves nothing', SLOW, async () => {
    const job = scene.job({ 'dry-run': 'true' }, { ANTHROPIC_API_KEY: '', OPENAI_API_KEY: '' });
    expect(await job.ended, job.output()).toBe(0);
    expect(job.outputs()).toMatchObject({ result: 'dry-run' });
    expect(job.summary()).toMatch(/dry run[\s\S]*slug_001/);
    expect(scene.asked()).toBe(0);
    expect(scene.hasState()).toBe(false);
  });

  it('works on a task, opens its pull request, and keeps the state on the branch', SLOW, async () => {
    const job = scene.job({ begin: 'true', task: 'slug_001' });
    expect(await job.ended, job.output()).toBe(0);

    expect(scene.github.pulls.map(({ head, state }) => [head, state])).toEqual([['ai/slug_001', 'open']]);
    expect(scene.remote.git('rev-list', '--count', BRANCH)).toBe('1');
    const { ledger } = await scene.state();
    expect(ledger.hold).toBeNull();
    const money = await scene.ledger();
    expect(money.committedNanoUsd).toBe(scene.meteredNanoUsd());
    expect(money.committedNanoUsd).toBeGreaterThan(0n);
    expect(money.committedNanoUsd).toBeLessThanOrEqual(money.limitNanoUsd);

    const outputs = job.outputs();
    expect(outputs).toMatchObject({ result: 'worked', phase: 'launch', published: '1', home: job.home });
    expect(Number(outputs['spent-usd']) * 1e9).toBeCloseTo(Number(scene.meteredNanoUsd()), -1);
    const start = new Date(String(ledger.budget?.start_date));
    expect(outputs['next-wake-up']).toBe(new Date(start.getTime() + 30 * 60_000).toISOString());
    // The table: budget, and each task with its state, cost and place.
    expect(job.summary()).toMatch(/\| launch \| \$30\.0000 \| \$0\.0\d+ \|/);
    expect(job.summary()).toMatch(/\| `slug_001` \|.*\| published \| 1 \| \$0\.0\d+ \| .*\/pull\/1 \|/);
    expect(job.summary()).toMatch(/\| `csv_quotes_001` \|.*\| not started \|/);
    // What the workflow uploads.
    const files = readdirSync(join(job.home, 'export'), { recursive: true }).map(String);
    expect(files).toContain('generated/spec_slug_001.md');
    expect(readdirSync(join(job.home, 'logs'))).not.toEqual([]);
    const printed = JSON.stringify([job.output(), job.summary(), [...(await scene.state()).tables.values()]]);
    for (const secret of ['ghs_token-for-tests', 'sk-ant-test-key', 'sk-test-key'])
      expect(printed).not.toContain(secret);
  });

  it('does nothing when it is woken before something is due', SLOW, async () => {
    const before = [scene.asked(), scene.remote.git('rev-parse', BRANCH)];
    const job = scene.job();
    expect(await job.ended, job.output()).toBe(0);
    expect(job.outputs()).toMatchObject({ result: 'not-due', phase: 'launch' });
    expect(job.summary()).toContain('nothing is due before');
    expect([scene.asked(), scene.remote.git('rev-parse', BRANCH)]).toEqual(before);
  });

  it('goes on from that state on another machine, and takes what people did into account', SLOW, async () => {
    await scene.github.people.merge(1);
    const job = scene.job({ now: 'true' });
    expect(await job.ended, job.output()).toBe(0);
    expect(job.summary()).toMatch(/\| `slug_001` \|.*\| merged \|/);
    expect(job.summary()).toMatch(/\| `csv_quotes_001` \|.*\| published \| 2 \|/);
    expect((await scene.ledger()).committedNanoUsd).toBe(scene.meteredNanoUsd());
  });
});

describe('two runs on one state', () => {
  let scene: ActionsScene;
  beforeAll(async () => {
    // Not much more than it takes: what is forfeited is missed.
    const phase = '{ name: launch, limit: { total: "0.60" }, days: 10, every: 30m }';
    scene = await actionsScene({ latencyMs: 6_000, orchestratorYaml: `budget: { phases: [${phase}] }\n` });
  });
  afterAll(() => scene.close());

  /** Never below the bill, never over the limit, and no question without a reservation on the branch. */
  const expectHard = async () => {
    const money = await scene.ledger();
    expect(money.committedNanoUsd).toBeGreaterThanOrEqual(scene.meteredNanoUsd());
    expect(money.committedNanoUsd).toBeLessThanOrEqual(money.limitNanoUsd);
    expect(money.reservations).toBeGreaterThanOrEqual(scene.asked());
    return money;
  };

  it('keep the budget, where one is killed in the middle of a paid call', SLOW, async () => {
    const first = scene.job({ begin: 'true', task: 'slug_001' });
    await until(() => scene.asked() === 1, 'the first question', first);
    await expectHard();

    const second = scene.job({ now: 'true' });
    expect(await second.ended, second.output()).toBe(0);
    expect(second.outputs()).toMatchObject({ result: 'busy' });
    expect(second.summary()).toContain('actions/runs/1');
    await first.kill();
    const { reservedNanoUsd } = await expectHard();
    expect(reservedNanoUsd).toBeGreaterThan(0n);
    expect((await scene.state()).ledger.open).toHaveLength(1);

    // Not yet: the first might still be at work.
    const third = scene.job({ now: 'true' });
    expect(await third.ended, third.output()).toBe(0);
    expect(third.outputs()).toMatchObject({ result: 'busy' });
    expect(scene.asked()).toBe(1);

    await scene.holdRunsOut();
    const fourth = scene.job();
    expect(await fourth.ended, fourth.output()).toBe(0);
    expect(fourth.outputs()).toMatchObject({ result: 'worked' });
    expect(fourth.summary()).toMatch(/\| `slug_001` \|.*\| published \|/);
    const after = await expectHard();
    // What the first had reserved is counted beside what the fourth paid.
    expect(after.committedNanoUsd).toBeGreaterThan(scene.meteredNanoUsd());
  });

  it('keep the budget, where one is overtaken while it is at work, and the other killed', SLOW, async () => {
    const task = { task: 'closest_001' };
    const before = scene.asked();
    const slow = scene.job(task);
    await until(() => scene.asked() === before + 1, 'the question of the first', slow);
    await scene.holdRunsOut();
    const quick = scene.job(task);
    await until(() => scene.asked() === before + 2, 'the same question of the second', quick);
    await expectHard();

    // Its answer is of no use any more, and it may ask nothing else.
    expect(await slow.ended, slow.output()).toBe(3);
    expect(slow.summary()).toContain('taken over');
    expect(slow.summary()).toContain('actions/runs/6');
    await quick.kill();
    await expectHard();

    await scene.holdRunsOut();
    const last = scene.job(task);
    expect(await last.ended, last.output()).toBe(0);
    await expectHard();
  });
});

describe('a job that is cancelled', () => {
  it('keeps what it did within the ten seconds that it has', SLOW, async () => {
    const scene = await actionsScene({ latencyMs: 3_000 });
    try {
      const job = scene.job({ begin: 'true', task: 'slug_001' });
      await until(() => scene.asked() === 2, 'the second question', job);
      const began = performance.now();
      job.cancel();
      expect(await job.ended, job.output()).toBe(130);
      // Generous: the machine may be busy. The runner gives ten seconds.
      expect(performance.now() - began).toBeLessThan(30_000);
      const { ledger } = await scene.state();
      expect(ledger.hold).toBeNull();
      const money = await scene.ledger();
      expect(money.committedNanoUsd).toBeGreaterThanOrEqual(scene.meteredNanoUsd());

      // At once: what was in work goes on.
      const next = scene.job();
      expect(await next.ended, next.output()).toBe(0);
      expect(next.outputs()).toMatchObject({ result: 'worked', published: '1' });
      expect((await scene.ledger()).committedNanoUsd).toBeGreaterThanOrEqual(scene.meteredNanoUsd());
    } finally {
      await scene.close();
    }
  });
});
