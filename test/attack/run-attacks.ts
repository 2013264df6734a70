import { randomBytes } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Database } from '../../packages/shared/src/db/client.ts';
import { type StageHarness, stageHarness } from '../../services/validator/test/stage-harness.ts';
import type { AttackCase, CaseResult, Machine } from './attack-case.ts';
import { BASE } from './boxed.ts';
import type { Canaries } from './canaries.ts';
import { startSibling } from './sibling.ts';
import { findSurvivors } from './survivors.ts';

export interface RunOptions extends Machine {
  readonly cases: readonly AttackCase[];
  readonly database: Database;
  readonly canaries: Canaries;
  /** Cases at once. */
  readonly slots: number;
  /** For the test of this program alone: no sandbox at all, so that attacks succeed. */
  readonly unsandboxed?: boolean;
  readonly log: (line: string) => void;
}

export interface RunResult {
  readonly results: readonly CaseResult[];
  /** Cases that cannot be tried here, with the reason. */
  readonly inexpressible: readonly string[];
  readonly siblingsRun: number;
  readonly siblingsDisturbed: number;
}

/** Tight, so that limits are met soon; the base's own commands stay far below. */
const LIMITS = { timeout: '60s', memoryMb: 256, diskMb: 48, processes: 64 } as const;

const NONE = { available: false, reason: 'switched off for a test', fix: '', probes: {} };

/** Every row's cases, by the name of the file. */
export async function loadCases(): Promise<AttackCase[]> {
  const folder = join(import.meta.dirname, 'cases');
  const modules = await Promise.all(
    readdirSync(folder)
      .filter((name) => name.endsWith('.ts'))
      .sort()
      .map(
        async (name) => (await import(pathToFileURL(join(folder, name)).href)) as { default: readonly AttackCase[] },
      ),
  );
  return modules.flatMap((module) => module.default).sort((a, b) => a.row - b.row);
}

/** Runs the cases, some at once, beside a job of somebody else that must not notice. */
export async function runAttacks(options: RunOptions): Promise<RunResult> {
  const inexpressible: string[] = [];
  const waiting = options.cases.filter((attackCase) => {
    const reason = attackCase.inexpressible?.(options) ?? null;
    if (reason !== null) inexpressible.push(`${attackCase.row} ${attackCase.name}: ${reason}`);
    return reason === null;
  });
  const sibling = await startSibling(options.database);
  const results: CaseResult[] = [];
  const work = async () => {
    const harnesses = new Map<string, StageHarness>();
    try {
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
        const result = await runCase(next, harnesses, options);
        results.push(result);
        options.log(
          `${result.problems.length === 0 ? 'contained' : 'ESCAPED  '} ${String(result.row).padStart(2)} ${result.name} (${Math.round(result.durationMs)} ms)${result.problems.map((problem) => `\n    ${problem}`).join('')}`,
        );
      }
    } finally {
      for (const harness of harnesses.values()) harness.remove();
    }
  };
  await Promise.all(Array.from({ length: options.slots }, work));
  const { runs, disturbed } = await sibling.stop();
  for (const problem of disturbed) options.log(`SIBLING   ${problem}`);
  return { results, inexpressible, siblingsRun: runs, siblingsDisturbed: disturbed.length };
}

async function runCase(
  attackCase: AttackCase,
  harnesses: Map<string, StageHarness>,
  { database, canaries, root, unsandboxed = false }: RunOptions,
): Promise<CaseResult> {
  const began = performance.now();
  const marker = `attack-${randomBytes(8).toString('hex')}`;
  const heard = canaries.heard();
  const recorded: string[] = [];
  const problems: string[] = [];
  const harness = await harnessFor(attackCase, canaries, harnesses, { database, unsandboxed });
  try {
    problems.push(
      ...(await attackCase.run({
        harness,
        canaries,
        marker,
        root,
        record: (given) => recorded.push(typeof given === 'string' ? given : JSON.stringify(given)),
      })),
    );
  } catch (error) {
    problems.push(`the service threw: ${(error as Error).stack ?? error}`);
  }
  const survivors = findSurvivors(marker, harness.home);
  const text = [...recorded, ...harness.progressed].join('\n');
  const leaked = canaries.secrets.some((secret) => text.includes(secret));
  if (survivors.length > 0) problems.push(`${survivors.length} processes survive`);
  if (leaked) problems.push('a secret is in what the service gave');
  if (canaries.heard() !== heard)
    problems.push('a listener of the machine was reached (by this case or one beside it)');
  problems.push(...canaries.changes(), ...leftIn(harness.home));
  return {
    row: attackCase.row,
    name: attackCase.name,
    problems,
    leakedSecret: leaked,
    survivors: survivors.length,
    durationMs: performance.now() - began,
  };
}

/** Cases with the same base commit share its repository and its baseline, one after the other. */
async function harnessFor(
  { base: files = {}, config }: AttackCase,
  canaries: Canaries,
  harnesses: Map<string, StageHarness>,
  { database, unsandboxed }: { readonly database: Database; readonly unsandboxed: boolean },
): Promise<StageHarness> {
  const base = typeof files === 'function' ? files(canaries) : files;
  const key = JSON.stringify([base, config]);
  const found = harnesses.get(key);
  if (found !== undefined) return found;
  const only = { onlyFor: '' };
  const harness = await stageHarness(
    database,
    { ...BASE, ...base },
    {
      config: { ...config, validate: { ...LIMITS, ...config?.validate } },
      ...(unsandboxed ? { choice: { status: async () => NONE, allowUnsandboxed: only } } : {}),
    },
  );
  only.onlyFor = harness.repository.path;
  harnesses.set(key, harness);
  const outcome = await harness.baseline();
  if (outcome.kind !== 'advance') throw new Error(`the base is not green: ${JSON.stringify(outcome).slice(0, 2_000)}`);
  return harness;
}

const leftIn = (home: string): string[] =>
  readdirSync(join(home, 'workspaces')).map((name) => `the workspace ${name} is left`);
