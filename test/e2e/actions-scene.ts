import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { discardEmbeddedPostgres } from '../../packages/shared/src/embedded-postgres/cluster.ts';
import { openStateBranch } from '../../packages/shared/src/state/state-branch.ts';
import { filesOf, readState, type State } from '../../packages/shared/src/state/state-commit.ts';
import { startAnthropicServer } from '../../packages/testkit/src/anthropic/server.ts';
import { repositoryAt } from '../../packages/testkit/src/git/test-repository.ts';
import { startGitHubServer } from '../../packages/testkit/src/github/server.ts';
import { startOpenAiServer } from '../../packages/testkit/src/openai/server.ts';
import { recordedAnswers } from '../../packages/testkit/src/scripts/recorded-answers.ts';
import { type Job, startJob } from './actions-job.ts';
import { answersOf, exampleRepository } from './cli-process.ts';

export const BRANCH = 'orchestrator-state';
const TOKEN = 'ghs_token-for-tests-0000000000';
export const KEYS = { ANTHROPIC_API_KEY: 'sk-ant-test-key-0000000000', OPENAI_API_KEY: 'sk-test-key-0000000000000000' };

export interface SceneOptions {
  readonly orchestratorYaml?: string;
  readonly latencyMs?: number;
}

/** The example on a GitHub of its own, with both vendors, and jobs that run the action on machines of their own. */
export async function actionsScene({ orchestratorYaml, latencyMs = 0 }: SceneOptions = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'actions-'));
  chmodSync(folder, 0o755);
  const person = exampleRepository('text-kit', join(folder, 'person'));
  if (orchestratorYaml !== undefined) person.commit({ 'orchestrator.yaml': orchestratorYaml });
  const gitDirectory = join(folder, 'remote.git');
  execFileSync('git', ['clone', '--quiet', '--bare', person.path, gitDirectory]);
  const github = await startGitHubServer({ owner: 'acme', repository: 'text-kit', gitDirectory, token: TOKEN });
  const script = recordedAnswers(answersOf('text-kit'), { latencyMs });
  const anthropic = await startAnthropicServer({ script });
  const openai = await startOpenAiServer({ script });
  const jobs: Job[] = [];

  const stateBranch = (home: string) =>
    openStateBranch({ repo: gitDirectory, branch: BRANCH, home: join(folder, home), platform: null });
  const state = async (): Promise<State> => {
    const found = await readState(await stateBranch('reader'));
    if (found === null) throw new Error('there is no state');
    return found;
  };

  return {
    folder,
    github,
    anthropic,
    openai,
    remote: repositoryAt(gitDirectory),
    /** The vendors' bill. */
    meteredNanoUsd: () => anthropic.meter.nanoUsd + openai.meter.nanoUsd,
    asked: () => anthropic.generations.length + openai.generations.length,
    job(inputs: Readonly<Record<string, string>> = {}, env: Readonly<Record<string, string>> = {}): Job {
      const job = startJob({
        folder,
        serverUrl: github.url,
        repository: 'acme/text-kit',
        runId: String(jobs.length + 1),
        inputs,
        env: {
          GITHUB_TOKEN: TOKEN,
          ANTHROPIC_BASE_URL: anthropic.url,
          OPENAI_BASE_URL: openai.url,
          ...KEYS,
          ...env,
        },
      });
      jobs.push(job);
      return job;
    },
    hasState: () => repositoryAt(gitDirectory).git('for-each-ref', `refs/heads/${BRANCH}`) !== '',
    state,
    /** What the branch says of the money: of the global budget's windows. */
    async ledger() {
      const { tables } = await state();
      const rows = (name: string) =>
        (tables.get(name) ?? '')
          .split('\n')
          .filter(Boolean)
          .map((line) => JSON.parse(line) as Record<string, unknown>);
      const windows = rows('budget_window').filter((row) => row.budget_id === 'global');
      const sum = (column: string) => windows.reduce((total, row) => total + BigInt(row[column] as number), 0n);
      return {
        committedNanoUsd: sum('reserved_nano_usd') + sum('settled_nano_usd'),
        reservedNanoUsd: sum('reserved_nano_usd'),
        limitNanoUsd: sum('limit_nano_usd'),
        reservations: rows('budget_entry').filter((row) => row.kind === 'reserve').length,
      };
    },
    /** The time for which a run is not disturbed passes, without waiting for it. */
    async holdRunsOut() {
      for (;;) {
        const branch = await stateBranch('writer');
        const found = await readState(branch);
        const hold = found?.ledger.hold;
        if (!found || !hold) throw new Error('nobody holds the state');
        const ledger = { ...found.ledger, hold: { ...hold, until: new Date(Date.now() - 1_000).toISOString() } };
        const files = filesOf({ tables: found.tables, ledger });
        if (await branch.replace(await branch.prepare(files, 'Later', new Date()), found.commit)) return;
      }
    },
    async close() {
      for (const job of jobs) await discardEmbeddedPostgres(join(job.home, 'postgres'));
      await Promise.all([github.close(), anthropic.close(), openai.close()]);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
export type ActionsScene = Awaited<ReturnType<typeof actionsScene>>;

export async function until(condition: () => boolean | Promise<boolean>, what: string, job: Job): Promise<void> {
  for (let tries = 0; tries < 1_800; tries++) {
    if (await condition()) return;
    await sleep(50);
  }
  throw new Error(`not reached: ${what}\n${job.output()}`);
}
