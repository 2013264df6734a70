import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { sink } from '../../packages/shared/src/boot/logger.ts';
import { GLOBAL_BUDGET } from '../../packages/shared/src/budget/budget-ids.ts';
import { ensureBudget } from '../../packages/shared/src/budget/phases.ts';
import { openWindows } from '../../packages/shared/src/budget/windows.ts';
import { OrchestratorConfig } from '../../packages/shared/src/config/schema.ts';
import { openBullmqTransport } from '../../packages/shared/src/queue/bullmq-transport.ts';
import type { Transport } from '../../packages/shared/src/queue/transport.ts';
import { METRICS } from '../../packages/shared/src/telemetry/metrics.ts';
import { startAnthropicServer } from '../../packages/testkit/src/anthropic/server.ts';
import { createRepository } from '../../packages/testkit/src/git/test-repository.ts';
import { startOtlpReceiver } from '../../packages/testkit/src/otlp-receiver.ts';
import { type TestDatabase, testDatabase } from '../../packages/testkit/src/postgres.ts';
import { type RedisServer, redisInstalled, startRedisServer } from '../../packages/testkit/src/redis-server.ts';
import { seedRun } from '../../packages/testkit/src/seed-run.ts';
import { sandboxStatus } from '../../services/validator/src/sandbox/probe.ts';
import { type ServiceName, type ServiceProcess, startService } from './service-process.ts';

const TOKEN = 'a-token-of-the-tests-0123456789';
const PASSWORD = 'redis-password-never-shown';
const UNTIL = { timeout: 45_000, interval: 200 };

describe.skipIf(!redisInstalled())('service processes on Redis (skipped where redis-server is not installed)', () => {
  let folder: string;
  let opened: TestDatabase;
  let redis: RedisServer;
  let transport: Transport;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'services-'));
    opened = await testDatabase();
    redis = await startRedisServer();
    transport = await openBullmqTransport({ redisUrl: redis.url, databaseUrl: opened.url, log: sink().log });
    await ensureBudget(opened.database, OrchestratorConfig.parse({}).budget.phases);
    await openWindows(opened.database, [GLOBAL_BUDGET]);
  });
  afterAll(async () => {
    await transport.close();
    await redis.close();
    await opened.close();
    rmSync(folder, { recursive: true, force: true });
  });

  async function start(name: ServiceName, env: Record<string, string> = {}): Promise<ServiceProcess> {
    const service = await startService(name, {
      DATABASE_URL: opened.url,
      REDIS_URL: redis.url,
      ORCHESTRATOR_HOME: join(folder, 'home'),
      ORCHESTRATOR_API_TOKEN: TOKEN,
      ...env,
    });
    onTestFinished(async () => {
      service.child.kill('SIGKILL');
      await service.ended;
    });
    return service;
  }

  it('tells that it lives, is ready, and what it counts, and ends when it is told to', async () => {
    for (const name of ['coder', 'notifier', 'scheduler'] as const) {
      const service = await start(name);
      await vi.waitFor(async () => expect((await service.ask('/readyz')).text).toContain('"ready":true'), UNTIL);
      const ready = await service.ask('/readyz');
      expect([name, ready.status]).toEqual([name, 200]);
      expect(JSON.parse(ready.text).checks).toMatchObject({
        database: 'ok',
        migrations: 'ok',
        queue: 'ok',
        draining: 'ok',
      });
      expect(await service.ask('/healthz')).toEqual({ status: 200, text: '{"live":true,"stuck":[]}' });
      const { text } = await service.ask('/metrics');
      expect(text).toContain(`orchestrator_info{service="${name}"`);
      expect(text).toContain('orchestrator_ready{check="queue"} 1');
      expect(text).toMatch(/orchestrator_loop_rounds_total\{loop="canary",outcome="ok"\} [1-9]/);
      const ofDatabase = Object.entries(METRICS).filter(
        ([metric, { from }]) => from === 'database' && /_budget_/.test(metric),
      );
      if (name === 'scheduler') for (const [metric] of ofDatabase) expect(text).toContain(`${metric}{budget="global"}`);
      service.child.kill('SIGTERM');
      expect(await service.ended, service.output()).toBe(0);
    }
  }, 180_000);

  it('is ready as a validator only if the sandbox holds', async () => {
    const validator = await start('validator');
    const { available } = await sandboxStatus();
    await vi.waitFor(async () => {
      const { sandbox } = JSON.parse((await validator.ask('/readyz')).text).checks;
      expect(sandbox).toMatch(available ? /^ok$/ : /^No sandbox: /);
    }, UNTIL);
    const { text } = await validator.ask('/metrics');
    expect(text).toContain(`orchestrator_ready{check="sandbox"} ${available ? 1 : 0}`);
  }, 90_000);

  it('takes orders while Redis is down, is alive but not ready, and recovers by itself', async () => {
    const scheduler = await start('scheduler');
    const url = scheduler.lines().find(({ msg }) => msg === 'http api listens')?.url as string;
    const post = (path: string) =>
      fetch(`${url}/api${path}`, {
        method: 'POST',
        headers: { authorization: `Bearer ${TOKEN}`, 'x-request-id': 'order-1' },
      });
    await vi.waitFor(async () => expect((await scheduler.ask('/readyz')).status).toBe(200), UNTIL);
    const board = await fetch(`${url}/queues/api/queues`, { headers: { authorization: `Bearer ${TOKEN}` } });
    expect(((await board.json()) as { queues: { name: string }[] }).queues.map(({ name }) => name)).toContain('coder');
    await redis.stop();

    await vi.waitFor(async () => expect((await scheduler.ask('/readyz')).status).toBe(503), UNTIL);
    expect(JSON.parse((await scheduler.ask('/readyz')).text).checks.queue).not.toBe('ok');
    const { runId, taskId } = await seedRun(opened.database);
    expect((await post(`/runs/${runId}/cancel`)).status).toBe(202);
    await vi.waitFor(
      async () =>
        expect(await opened.database.run.findUnique({ where: { id: runId } }), scheduler.output()).toMatchObject({
          state: 'cancelled',
        }),
      UNTIL,
    );
    expect((await post(`/tasks/${taskId}/retry`)).status).toBe(202);
    expect((await scheduler.ask('/healthz')).status).toBe(200);
    expect(scheduler.lines()).toContainEqual(expect.objectContaining({ requestId: 'order-1', status: 202 }));
    expect(scheduler.output()).not.toContain(TOKEN);

    await redis.start();
    await vi.waitFor(async () => expect((await scheduler.ask('/readyz')).status).toBe(200), UNTIL);
    await vi.waitFor(async () => {
      const age = /^orchestrator_canary_age_seconds (\S+)/m.exec((await scheduler.ask('/metrics')).text)?.[1];
      expect(Number(age)).toBeLessThan(10);
    }, UNTIL);
  }, 180_000);

  describe('told to stop in the middle of a stage', () => {
    async function inTheMiddle(latencyMs: number, drainMs: number) {
      const anthropic = await startAnthropicServer({ script: () => ({ latencyMs, text: '{}' }) });
      onTestFinished(() => anthropic.close());
      const traces = await startOtlpReceiver();
      onTestFinished(() => traces.close());
      const git = createRepository(join(folder, `project-${latencyMs}`));
      const baseCommit = git.commit({ 'README.md': '# Project\n' });
      const { stageRunId } = await seedRun(opened.database, { stage: 'analyze', url: git.path, baseCommit });
      const analyzer = await start('analyzer', {
        ANTHROPIC_BASE_URL: anthropic.url,
        ANTHROPIC_API_KEY: 'sk-ant-test-key-0000000000',
        ORCHESTRATOR_DRAIN_MS: String(drainMs),
        OTEL_EXPORTER_OTLP_ENDPOINT: traces.url,
      });
      await transport.publish('analyzer', [{ stageRunId, generation: 1 }]);
      await vi.waitFor(() => expect(anthropic.generations.length, analyzer.output()).toBeGreaterThan(0), UNTIL);
      const stageRun = () => opened.database.stageRun.findUniqueOrThrow({ where: { id: stageRunId } });
      return { analyzer, stageRun, traces };
    }

    it('is red at once, lets the stage end within the drain time, and takes no other', async () => {
      const { analyzer, stageRun, traces } = await inTheMiddle(3_000, 60_000);
      analyzer.child.kill('SIGTERM');
      await vi.waitFor(async () => expect((await analyzer.ask('/readyz')).status).toBe(503), {
        timeout: 2_000,
        interval: 50,
      });
      expect(JSON.parse((await analyzer.ask('/readyz')).text).checks.draining).toBe('it is stopping');
      expect((await analyzer.ask('/metrics')).text).toContain('orchestrator_draining 1');
      const other = await seedRun(opened.database, { stage: 'analyze' });
      await transport.publish('analyzer', [{ stageRunId: other.stageRunId, generation: 1 }]);
      expect(await analyzer.ended, analyzer.output()).toBe(0);
      // The answer was none that the stage can use; what counts is that it was heard out.
      expect(analyzer.lines()).toContainEqual(expect.objectContaining({ msg: 'stage ended', stage: 'analyze' }));
      expect((await stageRun()).state).not.toBe('running');
      // What was traced is sent before the process ends.
      expect(traces.spans.map(({ name }) => name)).toEqual(expect.arrayContaining(['model analyzer', 'stage analyze']));
      expect(analyzer.lines().filter(({ msg, outcome }) => msg === 'stage ended' && outcome === 'shutdown')).toEqual(
        [],
      );
      const untouched = await opened.database.stageRun.findUniqueOrThrow({ where: { id: other.stageRunId } });
      expect(untouched).toMatchObject({ state: 'pending', fence: 0n });
    }, 120_000);

    it('gives the stage back when the drain time is over, without waiting for its lease', async () => {
      const { analyzer, stageRun } = await inTheMiddle(120_000, 300);
      const toldAt = performance.now();
      analyzer.child.kill('SIGTERM');
      expect(await analyzer.ended, analyzer.output()).toBe(0);
      expect(performance.now() - toldAt).toBeLessThan(20_300);
      expect(await stageRun()).toMatchObject({
        state: 'pending',
        leaseOwner: null,
        generation: 2,
        errorCount: 0,
        crashCount: 0,
      });
    }, 120_000);
  });

  it('refuses an address without a token, a database of another version and a queue that is not there, each by name', async () => {
    const withoutToken = start('scheduler', { ORCHESTRATOR_API_ADDRESS: '0.0.0.0:0', ORCHESTRATOR_API_TOKEN: '' });
    await expect(withoutToken).rejects.toThrow(/ended with 2:[\s\S]*0\.0\.0\.0:0 can be reached from other machines/);
    await opened.database
      .$executeRaw`UPDATE _prisma_migrations SET migration_name = '9999_of_later' WHERE migration_name = '0001_initial'`;
    try {
      await expect(start('coder')).rejects.toThrow(/ended with 6:[\s\S]*9999_of_later/);
    } finally {
      await opened.database
        .$executeRaw`UPDATE _prisma_migrations SET migration_name = '0001_initial' WHERE migration_name = '9999_of_later'`;
    }
    const unreachable = start('coder', { REDIS_URL: `redis://:${PASSWORD}@127.0.0.1:1` });
    await expect(unreachable).rejects.toThrow(/ended with 6:[\s\S]*QUEUE_UNAVAILABLE/);
    await expect(unreachable).rejects.not.toThrow(PASSWORD);
  }, 90_000);
});
