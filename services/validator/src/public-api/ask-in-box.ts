import { mkdir, stat, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import type { StageContext } from '@orchestrator/shared/pipeline/stage.ts';
import { takeMemory } from '../memory-share.ts';
import type { Plan } from '../plan.ts';
import { prepareDependencies } from '../prepare/prepared.ts';
import { type CommandSetting, runCommand, succeeded } from '../run-commands.ts';
import type { Mount } from '../sandbox/sandbox.ts';
import { findByGlob } from '../workspace/folder-globs.ts';
import { makeRunDirectory } from '../workspace/run-directory.ts';
import { populateWorkspace } from '../workspace/spare-trees.ts';
import { ApiAnswer, type ApiQuestion } from './api-question.ts';
import { fetchTool } from './fetch-tool.ts';

export interface AskOptions {
  readonly questions: readonly ApiQuestion[];
  readonly plan: Plan;
  readonly baseCommit: string;
  readonly headCommit: string;
}

export interface AskedQuestion {
  readonly question: ApiQuestion;
  /** A text says why there is none. */
  readonly answer: ApiAnswer | string;
}

const TIMEOUT_MS = 5 * 60_000;
const typescriptFolder = (): string => dirname(dirname(createRequire(import.meta.url).resolve('typescript')));

type Context = Pick<StageContext, 'mirror' | 'env' | 'repository' | 'signal' | 'progress'>;

/** Lays both versions side by side in a box of their own, with the dependencies of the base, and asks. */
export async function askInBox(context: Context, options: AskOptions): Promise<AskedQuestion[]> {
  const share = await takeMemory(options.plan.limits.memoryMb, context.signal);
  try {
    return await layAndAsk(context, options);
  } finally {
    share.release();
  }
}

async function layAndAsk(
  { mirror, env, repository, signal, progress }: Context,
  { questions, plan, baseCommit, headCommit }: AskOptions,
): Promise<AskedQuestion[]> {
  const home = env.ORCHESTRATOR_HOME;
  const session = await plan.sandbox.open();
  const directory = await makeRunDirectory(home);
  try {
    const options = {
      ...plan,
      home,
      repositoryId: repository.id,
      mirror,
      commit: baseCommit,
      session,
      signal,
      progress,
    };
    const [old, now] = [join(directory.work, 'old'), join(directory.work, 'new')];
    for (const [dir, commit] of [
      [old, baseCommit],
      [now, headCommit],
    ] as const) {
      await mkdir(dir);
      await populateWorkspace({ home, repositoryId: repository.id, mirror, commit, signal, dir });
    }
    const prepared = await prepareDependencies(options);
    const readOnly: Mount[] = [...(await prepared.restore({ ...directory, work: old }))];
    await linkModules(old, now);
    const missing = new Set<ApiQuestion['tool']>();
    for (const tool of new Set(questions.map((question) => question.tool))) {
      if (tool === 'typescript') continue;
      const fetched = await fetchTool(tool, options);
      if (fetched.failed) missing.add(tool);
      else readOnly.push(...(await fetched.restore(directory)));
    }
    const layout = plan.sandbox.layout(directory);
    readOnly.push({ from: typescriptFolder(), to: join(layout.cache, 'typescript') });
    await directory.own(session.owner);
    const setting: CommandSetting = {
      session,
      layout,
      directory,
      limits: { ...plan.limits, timeoutMs: Math.min(TIMEOUT_MS, plan.limits.timeoutMs) },
      env: {},
      network: 'none',
      readOnly,
      signal,
      progress,
    };
    const asked: AskedQuestion[] = [];
    for (const question of questions) {
      const answer = missing.has(question.tool)
        ? `${question.tool} could not be fetched`
        : await ask(question, { ...setting, env: question.tool === 'apidiff' ? plan.recipe.env : {} });
      asked.push({ question, answer });
    }
    return asked;
  } finally {
    await directory.remove();
    await session.release();
  }
}

async function ask({ argv }: ApiQuestion, setting: CommandSetting): Promise<ApiAnswer | string> {
  const { result } = await runCommand({ step: 'build', cwd: '', argv }, setting);
  const line = result.output.split('\n').findLast((each) => each.startsWith('{"api":'));
  if (!succeeded(result) || line === undefined)
    return `its reader ended with ${result.ended === 'exit' ? result.exitCode : result.ended}: ${result.output.trim().slice(-300)}`;
  try {
    return ApiAnswer.parse(JSON.parse(line));
  } catch {
    return 'its reader said too much';
  }
}

/** The dependencies of one version are those of the other too: a type that both name has to be the same. */
async function linkModules(old: string, now: string): Promise<void> {
  for (const folder of await findByGlob(old, { globs: ['**/node_modules'], kind: 'folder' })) {
    const place = join(now, folder);
    if ((await stat(dirname(place)).catch(() => null))?.isDirectory() && !(await stat(place).catch(() => null)))
      await symlink(relative(dirname(place), join(old, folder)), place);
  }
}
