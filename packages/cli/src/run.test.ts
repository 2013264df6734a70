import { cpSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { services } from '@orchestrator/embedded/services.ts';
import { startAnthropicServer } from '@orchestrator/testkit/anthropic/server.ts';
import { createRepository, type TestRepository } from '@orchestrator/testkit/git/test-repository.ts';
import { startOpenAiServer } from '@orchestrator/testkit/openai/server.ts';
import { type TestDatabase, testDatabase } from '@orchestrator/testkit/postgres.ts';
import type { ModelServer } from '@orchestrator/testkit/scripts/model-server.ts';
import { recordedAnswers } from '@orchestrator/testkit/scripts/recorded-answers.ts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CliResult, cli, startCli, temporaryFolder } from '../test/spawn-cli.ts';

const EXAMPLES = join(import.meta.dirname, '../../../examples');
const { available } = await (await services.sandboxProbe()).probeSandbox();
const SECRETS = { ANTHROPIC_API_KEY: 'anthropic-key-for-this-test', OPENAI_API_KEY: 'openai-key-for-this-test' };

let database: TestDatabase;
let anthropic: ModelServer;
let openai: ModelServer;
let repository: TestRepository;
let home: string;
let env: Record<string, string>;

const here = (...args: string[]): Promise<CliResult> => cli(args, { cwd: repository.path, env });
const asked = (): number => anthropic.generations.length + openai.generations.length;

beforeAll(async () => {
  database = await testDatabase();
  const script = recordedAnswers(join(EXAMPLES, 'text-kit.answers'));
  [anthropic, openai] = await Promise.all([startAnthropicServer({ script }), startOpenAiServer({ script })]);
  repository = createRepository(join(temporaryFolder(), 'text-kit'));
  cpSync(join(EXAMPLES, 'text-kit'), repository.path, { recursive: true });
  repository.commit({}, 'Start');
  home = temporaryFolder();
  env = {
    ...SECRETS,
    ANTHROPIC_BASE_URL: anthropic.url,
    OPENAI_BASE_URL: openai.url,
    DATABASE_URL: database.url,
    ORCHESTRATOR_HOME: home,
  };
});

afterAll(async () => {
  await Promise.all([anthropic.close(), openai.close(), database.close()]);
});

describe.skipIf(!available)('a run from the command line', () => {
  it('shows before what it would do, and asks no model', async () => {
    const result = await here('run', '--dry-run', '--task', 'slug_001', '--json');

    expect(result.exitCode).toBe(0);
    expect(result.json()).toMatchObject({
      dryRun: true,
      tasks: [{ key: 'slug_001', decision: 'start', context: { files: expect.anything() } }],
    });
    expect(asked()).toBe(0);
    expect(await database.database.run.count()).toBe(0);
  });

  it('publishes a change on a branch and leaves the checkout alone', async () => {
    const before = repository.git('status', '--porcelain=v2', '--branch');

    const result = await here('run', '--task', 'slug_001', '--json');

    expect(result.stderr).toMatch(/^\d\d:\d\d:\d\d slug_001 specification \$0\.\d+$/m);
    expect(result.json()).toMatchObject({
      runs: [{ task: 'slug_001', result: 'published', round: 1, branch: 'ai/slug_001' }],
      summary: { started: 1, published: 1, rejected: 0, failed: 0, spentNanoUsd: expect.stringMatching(/^\d+$/) },
    });
    expect(result.exitCode).toBe(0);
    expect(result.stdout.split('\n')).toHaveLength(1);
    expect(repository.git('rev-list', '--count', 'main..ai/slug_001')).toBe('1');
    expect(repository.git('status', '--porcelain=v2', '--branch')).toBe(before);
  });

  it('spends what the vendors metered, and says the same everywhere', async () => {
    const metered = String(anthropic.meter.nanoUsd + openai.meter.nanoUsd);
    const [stats, budget, audit] = await Promise.all([
      here('stats', '--json'),
      here('budget', '--json'),
      here('audit', '--json'),
    ]);

    expect(stats.json()).toMatchObject({
      money: { spentNanoUsd: metered, perPublishedNanoUsd: metered },
      runs: { total: 1, publishedByRounds: { 1: 1 } },
    });
    expect(budget.json()).toMatchObject({
      budgets: [
        { budgetId: 'global', spentNanoUsd: metered, window: { settledNanoUsd: metered, inFlightNanoUsd: '0' } },
      ],
    });
    expect(audit.json()).toMatchObject({ ok: true, problems: [] });
    expect(audit.exitCode).toBe(0);
  });

  it('has nothing more to do for the task, until another run is asked for', async () => {
    const again = await here('run', '--task', 'slug_001');
    expect(again.exitCode).toBe(0);
    expect(again.stdout).toContain('orchestrator retry slug_001');

    expect((await here('retry', 'slug_001', '--json')).json()).toMatchObject({ result: 'asked' });
    expect((await here('retry', 'nonsense', '--json')).json()).toMatchObject({ error: { code: 'TASK_UNKNOWN' } });
    expect((await here('cancel', 'slug_001', '--json')).json()).toMatchObject({ stopping: false, state: 'in_review' });
  });

  it('exports what was made', async () => {
    const out = join(temporaryFolder(), 'out');

    const { files } = (await here('export', '--out', out, '--json')).json();

    expect(files).toEqual(
      expect.arrayContaining([
        'completed_tasks.json',
        'merged_prs.json',
        'token_budget.json',
        'generated/spec_slug_001.md',
        'generated/implementation_slug_001.patch',
        'generated/implementation_slug_001/src/slug.js',
      ]),
    );
    expect(readFileSync(join(out, 'generated/implementation_slug_001/src/slug.js'), 'utf8')).toBe(
      `${repository.git('show', 'ai/slug_001:src/slug.js')}\n`,
    );
    expect(JSON.parse(readFileSync(join(out, 'completed_tasks.json'), 'utf8'))).toMatchObject([
      { task_id: 'slug_001', status: 'published', rounds: 1 },
    ]);
  });

  it('logs each stage with run, stage, tokens, cost and outcome, and shows it by task', async () => {
    const { lines } = (await here('logs', '--task', 'slug_001', '--json')).json() as {
      lines: Record<string, unknown>[];
    };

    for (const stage of ['baseline', 'analyze', 'code', 'validate', 'publish']) {
      expect(lines).toContainEqual(
        expect.objectContaining({
          msg: 'stage ended',
          stage,
          run: expect.any(String),
          outcome: expect.any(String),
          error: null,
        }),
      );
    }
    expect(lines).toContainEqual(
      expect.objectContaining({
        msg: 'model call',
        stage: 'code',
        tokens: expect.objectContaining({ output: expect.any(Number) }),
        costNanoUsd: expect.stringMatching(/^\d+$/),
      }),
    );
    expect((await here('logs', '--run', 'no-such-run')).stdout).toContain('No line matches');
  });

  it('serves the queue dashboard, health and metrics while it is up, and ends cleanly when it is told to stop', async () => {
    const ANY_PORT = { ORCHESTRATOR_API_ADDRESS: '127.0.0.1:0' };
    const running = startCli(['up', '--json'], { cwd: repository.path, env: { ...env, ...ANY_PORT } });
    const heard = await said(running, 'up; stop with Ctrl+C');
    const url = /"queues":"(http:[^"]+)"/.exec(heard)?.[1] as string;
    expect(await (await fetch(url)).text()).toContain('AI Orchestrator');
    const { queues } = (await (await fetch(`${url}/api/queues`)).json()) as { queues: { name: string }[] };
    expect(queues.map(({ name }) => name)).toContain('validator');

    const at = (path: string) => fetch(new URL(path, url));
    expect(await (await at('/healthz')).json()).toEqual({ live: true, stuck: [] });
    expect(((await (await at('/readyz')).json()) as { checks: object }).checks).toMatchObject({
      database: 'ok',
      queue: 'ok',
      sandbox: expect.any(String),
    });
    const metrics = await (await at('/metrics')).text();
    expect(metrics).toContain('orchestrator_info{service="embedded"');
    expect(metrics).toContain('orchestrator_stage_runs{');

    const second = await cli(['up', '--json'], {
      cwd: repository.path,
      env: { ...env, ORCHESTRATOR_API_ADDRESS: new URL(url).host },
    });
    expect(second.exitCode).toBe(6);
    expect(second.stdout).toMatch(/Port \d+ on 127\.0\.0\.1 is taken\..*ORCHESTRATOR_API_ADDRESS/s);

    running.kill('SIGTERM');
    expect(await running).toMatchObject({ exitCode: 0, isForcefullyTerminated: false });
  });

  it('has no key in any file that it wrote', () => {
    const texts = filesOf(home).map((file) => readFileSync(file, 'latin1'));

    expect(texts.length).toBeGreaterThan(5);
    for (const key of Object.values(SECRETS)) expect(texts.filter((text) => text.includes(key))).toEqual([]);
  });
});

/** Resolves when the process has written the text to stderr, with all that it wrote. */
async function said(running: ReturnType<typeof startCli>, text: string): Promise<string> {
  let heard = '';
  return new Promise((resolve) => {
    running.stderr.on('data', (chunk: Buffer) => {
      heard += chunk.toString();
      if (heard.includes(text)) resolve(heard);
    });
  });
}

function filesOf(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path, { throwIfNoEntry: false })?.isFile());
}
