import { join } from 'node:path';
import { Redis } from 'ioredis';
import { expect, it, onTestFinished, vi } from 'vitest';
import { startAnthropicServer } from '../../packages/testkit/src/anthropic/server.ts';
import { answerTo } from '../../packages/testkit/src/chaos/world/answers.ts';
import { createTargetRepository } from '../../packages/testkit/src/chaos/world/target-repository.ts';
import { temporaryFolder } from '../../packages/testkit/src/git/test-repository.ts';
import { startOpenAiServer } from '../../packages/testkit/src/openai/server.ts';
import { startOtlpReceiver } from '../../packages/testkit/src/otlp-receiver.ts';
import { testDatabase } from '../../packages/testkit/src/postgres.ts';
import { redisInstalled, startRedisServer } from '../../packages/testkit/src/redis-server.ts';
import type { Ask } from '../../packages/testkit/src/scripts/script.ts';
import { sandboxStatus } from '../../services/validator/src/sandbox/probe.ts';
import { type ServiceName, startService } from './service-process.ts';

const SERVICES: readonly ServiceName[] = ['scheduler', 'analyzer', 'coder', 'validator', 'notifier'];
const possible = redisInstalled() && (await sandboxStatus()).available;

it.skipIf(!possible)(
  'a run is one trace over every service, also when the queue is emptied on its way (skipped without redis-server or sandbox)',
  async () => {
    const folder = temporaryFolder();
    onTestFinished(folder.remove);
    const test = await testDatabase();
    onTestFinished(test.close);
    const redis = await startRedisServer();
    onTestFinished(redis.close);
    const traces = await startOtlpReceiver();
    onTestFinished(() => traces.close());
    const flushed = Promise.withResolvers<void>();
    // The coder's answer is held back until the queue is empty.
    const script = async (ask: Ask) => {
      if (!ask.schema) await flushed.promise;
      return answerTo(ask).answer;
    };
    const [anthropic, openai] = [await startAnthropicServer({ script }), await startOpenAiServer({ script })];
    onTestFinished(async () => {
      await anthropic.close();
      await openai.close();
    });
    const path = join(folder.path, 'cases');
    createTargetRepository('folder', path).addTasks(1);

    const services = await Promise.all(
      SERVICES.map((name) =>
        startService(name, {
          DATABASE_URL: test.url,
          REDIS_URL: redis.url,
          ORCHESTRATOR_HOME: join(folder.path, name),
          ORCHESTRATOR_REPOSITORIES: path,
          ANTHROPIC_BASE_URL: anthropic.url,
          OPENAI_BASE_URL: openai.url,
          ANTHROPIC_API_KEY: 'key-of-the-local-server',
          OPENAI_API_KEY: 'key-of-the-local-server',
          OTEL_EXPORTER_OTLP_ENDPOINT: traces.url,
        }),
      ),
    );
    onTestFinished(async () => {
      for (const { child } of services) child.kill('SIGKILL');
      await Promise.all(services.map((service) => service.ended));
    });
    const until = { timeout: 90_000, interval: 200 };
    await vi.waitFor(() => expect(openai.generations.length).toBeGreaterThan(0), until);
    const client = new Redis(redis.url);
    await client.flushall();
    client.disconnect();
    flushed.resolve();
    await vi.waitFor(
      async () => expect(await test.database.run.findFirst()).toMatchObject({ state: 'in_review' }),
      until,
    );

    for (const { child } of services) child.kill('SIGTERM');
    await Promise.all(services.map((service) => service.ended));
    const { id } = await test.database.run.findFirstOrThrow();
    const spans = traces.spans.filter((span) => span.traceId === id.replaceAll('-', ''));
    expect(spans).toHaveLength(traces.spans.length);
    const seen = spans.map(({ service, name }) => `${service}: ${name}`).sort();
    expect([...new Set(seen)]).toEqual([
      'orchestrator-analyzer: model analyzer',
      'orchestrator-analyzer: stage analyze',
      'orchestrator-coder: model coder',
      'orchestrator-coder: stage code',
      'orchestrator-notifier: stage publish',
      'orchestrator-validator: run',
      'orchestrator-validator: stage baseline',
      'orchestrator-validator: stage validate',
    ]);
    const [root] = spans.filter((span) => span.name === 'run');
    const stages = spans.filter((span) => span.name.startsWith('stage '));
    expect(new Set(stages.map((span) => span.parentSpanId))).toEqual(new Set([root?.spanId]));
  },
  240_000,
);
