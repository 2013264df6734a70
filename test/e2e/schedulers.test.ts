import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { createRepository } from '../../packages/testkit/src/git/test-repository.ts';
import { type TestDatabase, testDatabase } from '../../packages/testkit/src/postgres.ts';
import { seedRun } from '../../packages/testkit/src/seed-run.ts';
import { type ServiceProcess, startService } from './service-process.ts';

const TASKS = 12;
const UNTIL = { timeout: 60_000, interval: 200 };

/** Two real processes, started at once, with everything that a scheduler does. */
describe('two schedulers side by side', () => {
  let folder: string;
  let opened: TestDatabase;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'schedulers-'));
    opened = await testDatabase();
    const sections = Array.from(
      { length: TASKS },
      (_, i) => `## Task: Number ${i}\n<!-- TASK_ID: number_${i} -->\nDo it.\n`,
    );
    const repository = createRepository(join(folder, 'repository'));
    repository.commit({
      'docs/PLUGIN-TASKS.md': `# Tasks\n${sections.join('\n')}`,
      'orchestrator.yaml': `pipeline: { tasksPerTick: ${TASKS} }\nbudget: { phases: [{ name: test, limit: { total: "1000" } }] }\n`,
    });
    await opened.database.repository.create({ data: { url: repository.path, name: 'repository' } });
  });
  afterAll(async () => {
    await opened.close();
    rmSync(folder, { recursive: true, force: true });
  });

  async function start(home: string): Promise<ServiceProcess> {
    const service = await startService('scheduler', {
      DATABASE_URL: opened.url,
      ORCHESTRATOR_HOME: join(folder, home),
      ORCHESTRATOR_API_TOKEN: 'a-token-of-the-tests-0123456789',
    });
    onTestFinished(async () => {
      service.child.kill('SIGKILL');
      await service.ended;
    });
    return service;
  }
  const leads = (service: ServiceProcess) =>
    service
      .lines()
      .filter(({ msg }) => /scheduler leads$/.test(String(msg)))
      .at(-1)?.msg === 'this scheduler leads';

  it('start each task once, tell each thing once, and hand over when the leader dies', async () => {
    const { database: db } = opened;
    const both = await Promise.all([start('a'), start('b')]);
    await vi.waitFor(async () => expect(await db.run.count()).toBe(TASKS), UNTIL);
    await vi.waitFor(() => expect(both.filter(leads)).toHaveLength(1), UNTIL);

    // A threshold is passed: both have a loop that tells, one does.
    await db.$executeRaw`UPDATE budget_window SET settled_nano_usd = limit_nano_usd * 85 / 100`;
    await vi.waitFor(async () => expect(await db.event.count({ where: { type: 'budget.alert' } })).toBe(1), UNTIL);

    const expire = async () => {
      const { stageRunId } = await seedRun(db);
      await db.$executeRaw`UPDATE stage_run SET state = 'running', fence = 1, lease_owner = 'gone', lease_until = now() - interval '1 second' WHERE id = ${stageRunId}::uuid`;
      await vi.waitFor(
        async () =>
          expect(await db.stageRun.findUnique({ where: { id: stageRunId } })).toMatchObject({
            state: 'pending',
            crashCount: 1,
          }),
        UNTIL,
      );
    };
    await expire();

    const first = both.find(leads) as ServiceProcess;
    const second = both.find((service) => service !== first) as ServiceProcess;
    first.child.kill('SIGKILL');
    await vi.waitFor(() => expect(leads(second)).toBe(true), UNTIL);
    await expire();

    const runs = await db.run.groupBy({
      by: ['taskId'],
      _count: true,
      where: { task: { key: { startsWith: 'number_' } } },
    });
    expect(runs).toHaveLength(TASKS);
    expect(runs.every((run) => run._count === 1)).toBe(true);
    expect(await db.event.count({ where: { type: 'run.started' } })).toBe(TASKS);
    expect(await db.event.count({ where: { type: 'budget.alert' } })).toBe(1);
    expect(await db.event.count({ where: { type: 'budget.phase' } })).toBe(1);
  }, 240_000);

  it('hand over when the leader hangs, and get along when it comes back', async () => {
    const both = await Promise.all([start('c'), start('d')]);
    await vi.waitFor(() => expect(both.filter(leads)).toHaveLength(1), UNTIL);
    const first = both.find(leads) as ServiceProcess;
    const second = both.find((service) => service !== first) as ServiceProcess;
    first.child.kill('SIGSTOP');
    await vi.waitFor(() => expect(leads(second)).toBe(true), UNTIL);
    first.child.kill('SIGCONT');
    await vi.waitFor(() => expect(leads(first)).toBe(false), UNTIL);
    expect(leads(second)).toBe(true);
    for (const service of both) {
      service.child.kill('SIGTERM');
      expect(await service.ended, service.output()).toBe(0);
    }
  }, 240_000);
});
