import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { parse } from 'yaml';
import { actionFile, ROOT } from './actions-job.ts';

const FILE = '.github/workflows/multi-model-development.yml';
const text = readFileSync(join(ROOT, FILE), 'utf8');

interface Workflow {
  readonly on: {
    readonly schedule: readonly { readonly cron: string }[];
    readonly workflow_dispatch: { readonly inputs: Readonly<Record<string, { readonly type: string }>> };
  };
  readonly permissions: Readonly<Record<string, string>>;
  readonly concurrency: { readonly group: string; readonly 'cancel-in-progress': boolean };
  readonly jobs: Readonly<Record<string, Job>>;
}
interface Job {
  readonly permissions: Readonly<Record<string, string>>;
  readonly 'timeout-minutes': number;
  readonly steps: readonly {
    readonly name: string;
    readonly if?: string;
    readonly uses?: string;
    readonly run?: string;
    readonly with?: Readonly<Record<string, unknown>>;
    readonly env?: Readonly<Record<string, string>>;
  }[];
}
// "on" is a word of YAML 1.1; this parser reads YAML 1.2, as GitHub does.
const workflow = parse(text) as Workflow;
const job = workflow.jobs.develop as Job;
const action = actionFile();

describe('the workflow to copy', () => {
  it('wakes the orchestrator every 30 minutes, one run at a time, and lets each end', () => {
    const minutes = workflow.on.schedule.map(({ cron }) => cron);
    expect(minutes).toEqual(['7,37 * * * *']);
    expect(workflow.concurrency).toEqual({ group: 'multi-model-development', 'cancel-in-progress': false });
    expect(Object.keys(workflow.on.workflow_dispatch.inputs).sort()).toEqual(['begin', 'dry-run', 'task']);
    // The run ends by itself before the job is cut off.
    expect(Number(action.inputs.minutes?.default)).toBeLessThan(job['timeout-minutes']);
  });

  it('may do no more than it needs', () => {
    expect(workflow.permissions).toEqual({});
    expect(job.permissions).toEqual({
      contents: 'write',
      'pull-requests': 'write',
      issues: 'read',
      checks: 'read',
      statuses: 'read',
    });
    expect(job.steps.find(({ uses }) => uses?.startsWith('actions/checkout@'))?.with).toMatchObject({
      'persist-credentials': false,
    });
  });

  it('hands secrets to one step, by its environment, and inputs to no shell', () => {
    const withSecrets = job.steps.filter((step) => JSON.stringify(step).includes('secrets.'));
    expect(withSecrets.map(({ uses }) => uses)).toEqual(['./.orchestrator-action']);
    expect(JSON.stringify(withSecrets[0]?.with)).not.toContain('secrets.');
    for (const step of [...job.steps, ...action.runs.steps]) expect(step.run ?? '').not.toContain('${{');
  });

  it('gives the action only inputs that it has, and reads only outputs that it has', () => {
    const step = job.steps.find(({ uses }) => uses === './.orchestrator-action');
    for (const name of Object.keys(step?.with ?? {})) expect(Object.keys(action.inputs)).toContain(name);
    for (const [, name] of text.matchAll(/steps\.orchestrator\.outputs\.([\w-]+)/g))
      expect(Object.keys(action.outputs)).toContain(name);
  });

  it('keeps specifications, changes and logs, never the database', () => {
    const upload = job.steps.find(({ uses }) => uses?.startsWith('actions/upload-artifact@'));
    const paths = String(upload?.with?.path).trim().split('\n');
    expect(paths.map((path) => path.split('/').at(-1))).toEqual(['export', 'logs', 'patches']);
    expect(upload?.if).toContain('always()');
  });

  it('passes actionlint, where it can be had', { timeout: 300_000 }, ({ skip }) => {
    const actionlint = findActionlint();
    if (actionlint === null) return skip('neither actionlint nor go is installed, or its module cannot be fetched');
    // As in a repository of a user, with the action where the workflow puts it: then its inputs are looked at too.
    const folder = mkdtempSync(join(tmpdir(), 'actionlint-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    execFileSync('git', ['init', '--quiet', folder]);
    for (const [from, to] of [
      [FILE, FILE],
      ['action.yml', '.orchestrator-action/action.yml'],
    ] as const) {
      mkdirSync(join(folder, to, '..'), { recursive: true });
      copyFileSync(join(ROOT, from), join(folder, to));
    }
    const result = spawnSync(actionlint, ['-no-color', join(folder, FILE)], { cwd: folder, encoding: 'utf8' });
    expect(`${result.stdout}${result.stderr}`).toBe('');
    expect(result.status).toBe(0);
  });
});

const ACTIONLINT = 'github.com/rhysd/actionlint/cmd/actionlint@v1.7.12';
const CACHE = join(ROOT, 'node_modules/.cache/actionlint');

/** The installed one, or one that Go builds; kept for the next time. */
function findActionlint(): string | null {
  const works = (program: string) => spawnSync(program, ['-version']).status === 0;
  const built = join(CACHE, 'actionlint');
  for (const program of ['actionlint', built]) if (works(program)) return program;
  spawnSync('go', ['install', ACTIONLINT], {
    env: { ...process.env, GOBIN: CACHE, GOFLAGS: '-mod=mod' },
    timeout: 240_000,
  });
  return works(built) ? built : null;
}
