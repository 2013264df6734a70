import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { watchRuns } from '@orchestrator/cli/live/watch-runs.ts';
import { viewOf } from '@orchestrator/cli/terminal.ts';
import { openSystem } from '@orchestrator/embedded/open-system.ts';
import { ensureRepository, runUntilIdle } from '@orchestrator/embedded/scheduling.ts';
import { services } from '@orchestrator/embedded/services.ts';
import { createAllStages } from '@orchestrator/embedded/stages.ts';
import { startEmbedded } from '@orchestrator/embedded/start-embedded.ts';
import { openLogger } from '@orchestrator/shared/boot/logger.ts';
import { readEnvironment } from '@orchestrator/shared/config/environment.ts';
import { identifyRepository } from '@orchestrator/shared/repo/identity.ts';
import { startAnthropicServer } from '@orchestrator/testkit/anthropic/server.ts';
import { startOpenAiServer } from '@orchestrator/testkit/openai/server.ts';
import { recordedAnswers } from '@orchestrator/testkit/scripts/recorded-answers.ts';
import { ANSWERS, createDemoFolder } from './demo-folder.ts';
import { readResults } from './results.ts';
import { type DemoSummary, showResults } from './show-results.ts';

/**
 * The main job on a small library, start to end: real git, Postgres, queues, sandbox and tests; the two models are local
 * servers that give recorded answers. `--json` prints a summary as the last line; `--folder` says where to work.
 */
const startedAt = performance.now();
const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    folder: { type: 'string', default: join(import.meta.dirname, '../../../.orchestrator/demo') },
  },
});
const say = (text: string) => process.stderr.write(`${text}\n`);

say('AI Orchestrator demo: a library, its task file, and models that answer from recordings. No keys, no network.');
const folder = await createDemoFolder(values.folder);
const script = recordedAnswers(ANSWERS, { latencyMs: 300 });
const [anthropic, openai] = await Promise.all([startAnthropicServer({ script }), startOpenAiServer({ script })]);
const env = readEnvironment(
  {
    ORCHESTRATOR_HOME: folder.home,
    ANTHROPIC_BASE_URL: anthropic.url,
    OPENAI_BASE_URL: openai.url,
    ANTHROPIC_API_KEY: 'demo-key-for-the-local-server',
    OPENAI_API_KEY: 'demo-key-for-the-local-server',
  },
  process.cwd(),
);
const { log, close: closeLog } = openLogger({ env, service: 'demo', screen: null });

const system = await openSystem({ env, log });
const repository = await ensureRepository(system.db, await identifyRepository(folder.repository));
const watch = watchRuns({ db: system.db, log, stream: process.stderr, env: process.env, repository: repository.url });
const sandbox = await (await services.sandboxProbe()).sandboxStatus();
if (!sandbox.available) {
  say(`WITHOUT A SANDBOX: ${sandbox.reason} ${sandbox.fix}`);
  say('The demo runs the tests of its own shipped example directly. Nothing else is ever run that way.');
}
const running = await startEmbedded(system, {
  onProgress: watch.doing,
  stages: createAllStages({ allowUnsandboxed: { onlyFor: folder.repository } }),
});
// One task after the other, which is easier to follow; `orchestrator run` overlaps them.
let idle: Awaited<ReturnType<typeof runUntilIdle>>;
do {
  idle = await runUntilIdle({ db: system.db, repositories: system.repositories, repository, log, maxTicks: 1 });
} while (idle.started.length > 0);
await watch.stop();

const results = await readResults(system.db, idle.skipped);
const windows = await system.db.budgetWindow.findMany({ where: { budgetId: 'global' } });
const count = (result: string) => results.filter((one) => one.result === result).length;
const summary: DemoSummary = {
  tasks: results.length,
  published: count('published') + count('repaired'),
  repaired: count('repaired'),
  rejected: count('rejected'),
  parked: count('parked'),
  spentNanoUsd: String(windows.reduce((sum, window) => sum + window.settledNanoUsd, 0n)),
  limitNanoUsd: String(windows.reduce((sum, window) => sum + window.limitNanoUsd, 0n)),
  wallMs: Math.round(performance.now() - startedAt),
};

await running.stop();
await system.close();
await Promise.all([anthropic.close(), openai.close()]);
closeLog();

const failed = count('failed');
if (values.json) process.stdout.write(`${JSON.stringify(summary)}\n`);
else process.stdout.write(showResults(results, summary, folder, viewOf(process.stdout, process.env)));
if (failed > 0) say(`${failed} task(s) failed: see ${folder.home}/logs`);
process.exit(failed > 0 ? 1 : 0);
