import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { openSystem } from '@orchestrator/embedded/open-system.ts';
import { ensureRepository, runUntilIdle, watchPullsOnce } from '@orchestrator/embedded/scheduling.ts';
import { startEmbedded } from '@orchestrator/embedded/start-embedded.ts';
import { sink } from '@orchestrator/shared/boot/logger.ts';
import { readEnvironment } from '@orchestrator/shared/config/environment.ts';
import { discardEmbeddedPostgres } from '@orchestrator/shared/embedded-postgres/cluster.ts';
import { weightNow } from '@orchestrator/shared/lessons/lesson.ts';
import { share } from '@orchestrator/shared/read/stats/share.ts';
import { identifyRepository } from '@orchestrator/shared/repo/identity.ts';
import { startAnthropicServer } from '@orchestrator/testkit/anthropic/server.ts';
import { createRepository, repositoryAt, temporaryFolder } from '@orchestrator/testkit/git/test-repository.ts';
import { startGitHubServer } from '@orchestrator/testkit/github/server.ts';
import { startOpenAiServer } from '@orchestrator/testkit/openai/server.ts';
import { models, prints, RIGHT, WRONG } from './models.ts';

export interface ArmOptions {
  readonly name: string;
  readonly tasks: number;
  /** lessons.maxTokens. */
  readonly lessonTokens: number;
  /** Begins with the wrong lesson, as if a person had taught it. */
  readonly misled: boolean;
}

export interface ArmResult {
  readonly arm: string;
  readonly tasks: number;
  readonly merged: number;
  readonly mergeRate: number;
  readonly spentNanoUsd: string;
  /** null: nothing was merged. */
  readonly perMergedNanoUsd: string | null;
  /** What each task came to, in order: m merged, c closed. */
  readonly history: string;
  /** Of the wrong lesson at the end, where there was one. */
  readonly wrongWeight: number | null;
}

const TOKEN = 'github-token-of-the-benchmark';
/** So long that what the clock says does not show in the figures. */
const HALF_LIFE_DAYS = 3_650;
const keyOf = (index: number): string => `feature${String(index + 1).padStart(2, '0')}`;

/** One stream of tasks through the whole system, and a reviewer who closes what prints with console and merges the rest. */
export async function runArm(
  { name, tasks, lessonTokens, misled }: ArmOptions,
  say: (text: string) => void,
): Promise<ArmResult> {
  const folder = temporaryFolder();
  const gitDirectory = join(folder.path, 'remote.git');
  const person = createRepository(join(folder.path, 'person'));
  person.commit({
    'package.json': JSON.stringify({ name: 'features', type: 'module', scripts: { test: 'node --test' } }),
    'src/logger.js': "export const log = (text) => process.stdout.write(text + '\\n');\n",
    'test/logger.test.js':
      "import { test } from 'node:test';\nimport '../src/logger.js';\n\ntest('loads', () => {});\n",
    'docs/PLUGIN-TASKS.md': Array.from({ length: tasks }, (_, i) => taskText(keyOf(i))).join('\n'),
    'orchestrator.yaml': `publish: { maxPerHour: 1000, maxOpen: 1000 }\nlessons: { maxTokens: ${lessonTokens}, halfLifeDays: ${HALF_LIFE_DAYS} }\n`,
  });
  execFileSync('git', ['clone', '--quiet', '--bare', person.path, gitDirectory]);
  const github = await startGitHubServer({ owner: 'acme', repository: 'features', gitDirectory, token: TOKEN });
  const [anthropic, openai] = await Promise.all([
    startAnthropicServer({ script: models }),
    startOpenAiServer({ script: models }),
  ]);
  const env = readEnvironment(
    {
      ORCHESTRATOR_HOME: join(folder.path, 'home'),
      ANTHROPIC_BASE_URL: anthropic.url,
      OPENAI_BASE_URL: openai.url,
      ANTHROPIC_API_KEY: 'key-of-the-benchmark',
      OPENAI_API_KEY: 'key-of-the-benchmark',
      GITHUB_TOKEN: TOKEN,
      GITHUB_API_URL: github.url,
    },
    '/',
  );
  const { log } = sink();
  const system = await openSystem({ env, log });
  const { db, repositories } = system;
  const repository = await ensureRepository(db, await identifyRepository(`${github.url}/acme/features.git`));
  if (misled)
    await db.lesson.create({
      data: { repositoryId: repository.id, source: 'person', key: 'wrong', text: WRONG, weight: 2 },
    });
  const running = await startEmbedded(system);
  let history = '';
  try {
    for (let i = 0; i < tasks; i++) {
      await runUntilIdle({ db, repositories, repository, log, maxTicks: 1 });
      const pull = github.pulls.find(({ state }) => state === 'open');
      if (pull === undefined) throw new Error(`task ${i + 1} came to no pull request`);
      const source = repositoryAt(gitDirectory).git('show', `${pull.head}:src/${pull.head.replace('ai/', '')}.js`);
      if (source.includes('console.')) github.people.comment(pull.number, RIGHT);
      if (source.includes('console.')) await github.people.close(pull.number);
      else await github.people.merge(pull.number);
      history += source.includes('console.') ? 'c' : 'm';
      await watchPullsOnce({ db, env, repositories, log });
      say(`${name}: ${history}`);
    }
    const windows = await db.budgetWindow.findMany({ where: { budgetId: 'global' } });
    const spent = windows.reduce((sum, window) => sum + window.settledNanoUsd, 0n);
    const merged = await db.run.count({ where: { state: 'merged' } });
    const wrong = await db.lesson.findFirst({ where: { text: WRONG } });
    return {
      arm: name,
      tasks,
      merged,
      mergeRate: merged / tasks,
      spentNanoUsd: String(spent),
      perMergedNanoUsd: share(spent, merged)?.toString() ?? null,
      history,
      wrongWeight: wrong === null ? null : Number(weightNow(wrong, HALF_LIFE_DAYS, new Date()).toFixed(3)),
    };
  } finally {
    await running.stop();
    await system.close();
    await Promise.all([github.close(), anthropic.close(), openai.close()]);
    await discardEmbeddedPostgres(join(folder.path, 'home', 'postgres'));
    folder.remove();
  }
}

const taskText = (key: string): string =>
  `## Task: Add ${key}\n<!-- TASK_ID: ${key} -->\n<!-- TASK_LANGUAGE: javascript -->\n### Requirements\n- ${key}() ${prints(key) ? 'prints its name and gives it' : 'gives its name'}.\n`;
