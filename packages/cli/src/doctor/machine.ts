import { statfsSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { prepareHome } from '@orchestrator/shared/boot/home.ts';
import { ENVIRONMENT_KEYS, SECRETS } from '@orchestrator/shared/config/environment.ts';
import { nearestOf } from '@orchestrator/shared/config/problem.ts';
import { AppError } from '@orchestrator/shared/errors/app-error.ts';
import { execa } from 'execa';
import { toAppError } from '../report-error.ts';
import { type Check, type Diagnosis, fail, failed, ok, warn } from './check.ts';

const GB = 1024 ** 3;
const MIN_NODE = 24;
const MIN_GIT: readonly [number, number] = [2, 34];

/** Node, git, memory and the folder that everything is kept in. */
export const machine: Check = async ({ env, terminal }) => {
  const place = home(env.ORCHESTRATOR_HOME);
  const space = place.status === 'ok' ? [disk(env.ORCHESTRATOR_HOME)] : [];
  return [node(), await git(), memory(), place, ...space, ...misspelt(terminal.env)];
};

function node(): Diagnosis {
  const major = Number(process.versions.node.split('.')[0]);
  return major >= MIN_NODE
    ? ok('node', process.versions.node)
    : fail(
        'node',
        `${process.versions.node} is too old`,
        `Start with npm start, which brings Node ${MIN_NODE} itself.`,
        6,
      );
}

async function git(): Promise<Diagnosis> {
  try {
    const { stdout } = await execa('git', ['--version'], { timeout: 10_000 });
    const [, major = 0, minor = 0] = (/(\d+)\.(\d+)/.exec(stdout) ?? []).map(Number);
    const version = stdout.replace('git version ', '');
    if (major > MIN_GIT[0] || (major === MIN_GIT[0] && minor >= MIN_GIT[1])) return ok('git', version);
    return warn('git', `${version} is old`, `Install git ${MIN_GIT.join('.')} or newer.`);
  } catch {
    return failed('git', new AppError('TOOL_MISSING', { tool: 'git', fix: 'Install git with your package manager.' }));
  }
}

function memory(): Diagnosis {
  const found = `${(totalmem() / GB).toFixed(1)} GB of memory, ${cpus().length} processors`;
  return totalmem() < 2 * GB
    ? warn('memory', found, 'Builds of larger repositories may need more than 2 GB.')
    : ok('memory', found);
}

function home(path: string): Diagnosis {
  try {
    prepareHome(path);
    return ok('home', path);
  } catch (error) {
    return failed('home', toAppError(error));
  }
}

function disk(path: string): Diagnosis {
  const { bavail, bsize } = statfsSync(path);
  const found = `${((bavail * bsize) / GB).toFixed(1)} GB free`;
  if (bavail * bsize < 0.25 * GB)
    return fail('disk', `${found} for ${path}`, 'Free some space, or set ORCHESTRATOR_HOME to another disk.', 6);
  if (bavail * bsize < 3 * GB)
    return warn('disk', `${found} for ${path}`, 'Mirrors, builds and the database need a few GB.');
  return ok('disk', found);
}

/** A variable that nothing reads is most likely a misspelt one. */
function misspelt(source: Record<string, string | undefined>): Diagnosis[] {
  const known = [...ENVIRONMENT_KEYS, ...SECRETS.map((name) => `${name}_FILE`)];
  return Object.keys(source)
    .filter(
      (name) => /^(ORCHESTRATOR|ANTHROPIC|OPENAI|GITHUB|DISCORD)_/.test(name) && !(known as string[]).includes(name),
    )
    .flatMap((name) => {
      const near = nearestOf(name, known);
      return near && source[near] === undefined
        ? [warn('environment', `${name} is not read`, `Did you mean ${near}?`)]
        : [];
    });
}
