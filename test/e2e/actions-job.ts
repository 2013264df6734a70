import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';

export const ROOT = join(import.meta.dirname, '../..');

interface Step {
  readonly id?: string;
  readonly name: string;
  readonly shell?: string;
  readonly run?: string;
  readonly uses?: string;
  readonly if?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly with?: Readonly<Record<string, string>>;
}

export interface ActionFile {
  readonly inputs: Readonly<Record<string, { readonly default: string }>>;
  readonly outputs: Readonly<Record<string, { readonly value: string }>>;
  readonly runs: { readonly using: string; readonly steps: readonly Step[] };
}

export const actionFile = (): ActionFile => parse(readFileSync(join(ROOT, 'action.yml'), 'utf8')) as ActionFile;

export interface JobOptions {
  /** The runner's folders are made below it. */
  readonly folder: string;
  readonly serverUrl: string;
  readonly repository: string;
  readonly runId: string;
  readonly inputs?: Readonly<Record<string, string>>;
  /** Of the step that uses the action. */
  readonly env: Readonly<Record<string, string>>;
}

export interface Job {
  readonly home: string;
  /** Everything that the steps printed. */
  readonly output: () => string;
  /** The exit code of the step that failed, or 0; null after a signal. */
  readonly ended: Promise<number | null>;
  /** SIGKILL to the running step and all that it started. */
  kill(): Promise<void>;
  /** Ctrl+C, as the runner sends it to the step of a cancelled job: to its first process alone. */
  cancel(): void;
  readonly outputs: () => Readonly<Record<string, string>>;
  readonly summary: () => string;
}

/** Runs the steps of action.yml as a runner does: bash, files for outputs and summary, and nothing else in the environment. */
export function startJob({ folder, serverUrl, repository, runId, inputs = {}, env }: JobOptions): Job {
  const temp = mkdtempSync(join(folder, `runner-${runId}-`));
  chmodSync(temp, 0o755);
  const action = actionFile();
  const values = {
    ...Object.fromEntries(Object.entries(action.inputs).map(([name, { default: preset }]) => [name, preset])),
    ...inputs,
  };
  const outputs: Record<string, Record<string, string>> = {};
  const evaluate = (text: string): string =>
    text.replace(
      /\$\{\{ (\w+)\.([\w-]+)(?:\.outputs\.([\w-]+))? \}\}/g,
      (whole, context: string, name: string, output?: string) => {
        if (context === 'inputs') return values[name] ?? '';
        if (context === 'steps') return outputs[name]?.[output ?? ''] ?? '';
        throw new Error(`${whole} is not known here`);
      },
    );
  let printed = '';
  let summary = '';
  let child: ChildProcess | undefined;
  let killed = false;

  async function runStep(step: Step, index: number): Promise<number | null> {
    const files = join(temp, `step-${index}`);
    mkdirSync(files);
    const at = (name: string) => join(files, name);
    for (const name of ['output', 'summary']) writeFileSync(at(name), '');
    writeFileSync(at('script.sh'), step.run ?? '');
    child = spawn('bash', ['--noprofile', '--norc', '-e', '-o', 'pipefail', at('script.sh')], {
      detached: true,
      cwd: temp,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        PATH: process.env.PATH,
        HOME: temp,
        RUNNER_OS: 'Linux',
        RUNNER_TEMP: temp,
        GITHUB_ACTIONS: 'true',
        GITHUB_WORKSPACE: temp,
        GITHUB_ACTION_PATH: ROOT,
        GITHUB_SERVER_URL: serverUrl,
        GITHUB_API_URL: serverUrl,
        GITHUB_REPOSITORY: repository,
        GITHUB_RUN_ID: runId,
        GITHUB_OUTPUT: at('output'),
        GITHUB_STEP_SUMMARY: at('summary'),
        ...env,
        ...Object.fromEntries(Object.entries(step.env ?? {}).map(([name, value]) => [name, evaluate(value)])),
      },
    });
    for (const stream of [child.stdout, child.stderr])
      stream?.on('data', (chunk: Buffer) => (printed += chunk.toString()));
    const [code] = (await once(child, 'close')) as [number | null];
    const lines = readFileSync(at('output'), 'utf8').split('\n').filter(Boolean);
    outputs[step.id ?? ''] = Object.fromEntries(lines.map((line) => line.split(/=(.*)/s).slice(0, 2)));
    summary += readFileSync(at('summary'), 'utf8');
    return code;
  }

  const ended = (async () => {
    for (const [index, step] of action.runs.steps.entries()) {
      const code = await runStep(step, index);
      if (code !== 0 || killed) return code;
    }
    return 0;
  })();
  return {
    home: join(temp, 'orchestrator'),
    output: () => printed,
    ended,
    async kill() {
      killed = true;
      process.kill(-(child?.pid as number), 'SIGKILL');
      await ended;
    },
    cancel: () => void child?.kill('SIGINT'),
    outputs: () =>
      Object.fromEntries(Object.entries(action.outputs).map(([name, { value }]) => [name, evaluate(value)])),
    summary: () => summary,
  };
}
