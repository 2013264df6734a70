import { testDatabase } from '@orchestrator/testkit/postgres.ts';
import { seedRun } from '@orchestrator/testkit/seed-run.ts';
import { expect, it, onTestFinished } from 'vitest';
import { wakeWaiting } from './wake-waiting.ts';

it('lets stages look again that wait for a person, and leaves the others their time', async () => {
  const { database: db, close } = await testDatabase();
  onTestFinished(close);
  const later = new Date(Date.now() + 3_600_000);
  const parked = async (parkedReason: string): Promise<string> => {
    const { stageRunId } = await seedRun(db);
    await db.stageRun.update({ where: { id: stageRunId }, data: { parkedReason, availableAt: later, generation: 4 } });
    return stageRunId;
  };
  const ids = { key: await parked('configuration'), money: await parked('budget'), limit: await parked('rate_limit') };

  expect(await wakeWaiting(db)).toBe(2);

  const stages = new Map((await db.stageRun.findMany()).map((stage) => [stage.id, stage]));
  expect(stages.get(ids.limit)).toMatchObject({ availableAt: later, generation: 4 });
  for (const id of [ids.key, ids.money]) {
    expect(stages.get(id)?.generation).toBe(5);
    expect(stages.get(id)?.availableAt.getTime()).toBeLessThan(Date.now() + 5_000);
    expect(await db.outbox.count({ where: { stageRunId: id, generation: 5 } })).toBe(1);
  }
  expect(await wakeWaiting(db)).toBe(0);
});
