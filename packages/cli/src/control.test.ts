import { type TestDatabase, testDatabase } from '@orchestrator/testkit/postgres.ts';
import { type SeededRun, seedRun } from '@orchestrator/testkit/seed-run.ts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cli } from '../test/spawn-cli.ts';

let test: TestDatabase;
let seeded: SeededRun;
let key: string;
beforeAll(async () => {
  test = await testDatabase();
  seeded = await seedRun(test.database, { stage: 'code', priority: 1 });
  key = (await test.database.task.findUniqueOrThrow({ where: { id: seeded.taskId } })).key;
});
afterAll(() => test.close());

const ask = (...args: string[]) => cli([...args, '--json'], { env: { DATABASE_URL: test.url } });
const answer = async (...args: string[]) => {
  const result = await ask(...args);
  expect(result.exitCode, result.stderr).toBe(0);
  return result.json();
};

describe('an operator', () => {
  it('pauses and resumes, sees it in the queues, and is on record', async () => {
    expect(await answer('pause', '--queue', 'coder', '--reason', 'maintenance')).toMatchObject({ changed: true });
    expect(await answer('pause', '--queue', 'coder')).toMatchObject({ changed: false });
    const { queues } = (await answer('queues')) as { queues: Record<string, unknown>[] };
    expect(queues.map(({ queue }) => queue)).toEqual(['analyzer', 'coder', 'validator', 'notifier']);
    expect(queues[1]).toMatchObject({ queue: 'coder', paused: true, ready: 0, waiting: 1, workers: 0 });
    expect(await answer('resume', '--queue', 'coder')).toMatchObject({ changed: true });
    expect(await test.database.intervention.findFirst({ where: { action: 'pause' } })).toMatchObject({
      actor: expect.stringMatching(/^cli:/),
      reason: 'maintenance',
    });
  });

  it('wakes what waits, by what it waits for, and is on record', async () => {
    const parked = { availableAt: new Date(Date.now() + 3_600_000), parkedReason: 'rate_limit' };
    const park = () => test.database.stageRun.update({ where: { id: seeded.stageRunId }, data: parked });
    await park();
    expect(await answer('wake', '--reason', 'sandbox')).toMatchObject({ woken: 0 });
    expect(await answer('wake', '--reason', 'rate_limit')).toMatchObject({ woken: 1 });
    const { availableAt } = await test.database.stageRun.findUniqueOrThrow({ where: { id: seeded.stageRunId } });
    expect(availableAt.getTime()).toBeLessThan(Date.now() + 60_000);
    await park();
    expect(await answer('wake', key)).toMatchObject({ woken: 1 });
    expect(await test.database.intervention.count({ where: { action: 'retry' } })).toBeGreaterThanOrEqual(2);
  });

  it('gives a run another priority', async () => {
    expect(await answer('priority', key, 'high')).toMatchObject({ priority: 2, changed: true });
    expect(await test.database.run.findUnique({ where: { id: seeded.runId } })).toMatchObject({ priority: 2 });
  });

  it('looks at what is dead, and replays it', async () => {
    await test.database.stageRun.update({ where: { id: seeded.stageRunId }, data: { state: 'dead' } });
    await test.database.run.update({ where: { id: seeded.runId }, data: { state: 'failed', endCode: 'CRASHED' } });
    const found = { taskKey: key, stage: 'code', code: 'CRASHED' };
    expect(await answer('replay', '--all', '--dry-run')).toMatchObject({ dryRun: true, found: [found] });
    expect(await answer('replay', '--all', '--code', 'ERRORS_EXHAUSTED')).toMatchObject({ replayed: [] });
    expect(await answer('replay', key)).toMatchObject({ replayed: [found], refused: [] });
    expect(await test.database.run.findUnique({ where: { id: seeded.runId } })).toMatchObject({ state: 'coding' });
  });

  it.each([
    [['pause'], 'Say what is meant'],
    [['pause', '--all', '--queue', 'coder'], 'Say what is meant'],
    [['pause', '--queue', 'kitchen'], 'must be one of analyzer'],
    [['replay'], 'Say which'],
    [['wake', '--reason', 'boredom'], 'must be one of budget'],
    [['priority', 'x', 'urgent'], 'must be low, medium, high'],
  ])('is told what is missing: %j', async (args, hint) => {
    const { exitCode, stdout, stderr } = await ask(...args);
    expect(exitCode).toBe(2);
    expect(stdout + stderr).toContain(hint);
  });
});
