import { join } from 'node:path';
import type { ChangeSet } from '@orchestrator/shared/contracts/change-set.ts';
import { Specification } from '@orchestrator/shared/contracts/specification.ts';
import type { AppliedPack, Finding } from '@orchestrator/shared/contracts/verdict.ts';
import type { StageContext } from '@orchestrator/shared/pipeline/stage.ts';
import type { Mirror } from '@orchestrator/shared/repo/mirror.ts';
import { type Check, type CheckInput, textOf } from './check.ts';
import { loadFolder } from './load-folder.ts';
import type { ProjectFiles } from './rules/applies.ts';
import { loadPacks } from './rules/load-packs.ts';
import { repositoryRules } from './rules/repository-rules.ts';
import { selectRules } from './rules/select-rules.ts';

/** What the checks found before anything was executed, and what they looked at. */
export interface CheckedChange {
  readonly findings: readonly Finding[];
  readonly packs: readonly AppliedPack[];
  readonly input: CheckInput;
  /** The change's own commit. */
  readonly head: ProjectFiles;
}

type Context = Pick<StageContext, 'mirror' | 'config' | 'signal' | 'artifact'>;

const MAX_READ_BYTES = 8 * 1024 * 1024;

let checks: Promise<readonly Check[]> | null = null;

/** Every check of checks/ on a change. Nothing of the change is executed. Throws RULES_INVALID. */
export async function runChecks(context: Context, changeSet: ChangeSet, headCommit: string): Promise<CheckedChange> {
  checks ??= loadFolder<Check>(join(import.meta.dirname, 'checks'));
  const { mirror, config, signal } = context;
  const { baseCommit } = changeSet;
  const base = await projectFiles(mirror, baseCommit);
  const head = await projectFiles(mirror, headCommit);
  const selected = await selectRules({
    packs: await loadPacks(),
    own: await repositoryRules(mirror, baseCommit, signal),
    config: config.validate.rules,
    projects: [base, head],
  });
  const { addedLines, deletedLines } = await mirror.diffStat(baseCommit, headCommit);
  // What reviewers ask for may go beyond what was planned before they looked.
  const reviewed = (await context.artifact('review')) !== null;
  const input: CheckInput = {
    ...(await changedFiles(mirror, changeSet)),
    changeSet,
    changedLines: addedLines + deletedLines,
    validate:
      reviewed && config.validate.scope === 'error' ? { ...config.validate, scope: 'warning' } : config.validate,
    specification: Specification.safeParse(await context.artifact('specification')).data ?? null,
    base,
    rules: selected.rules,
    signal,
  };
  const found = await Promise.all((await checks).map((check) => check.run(input)));
  const unknown = selected.unknown.map(
    (name): Finding => ({
      check: 'policy.rules',
      code: 'RULE_UNKNOWN',
      severity: 'warning',
      message: `validate.rules names ${name}, but there is no such pack or rule.`,
    }),
  );
  return { findings: [...found.flat(), ...unknown], packs: selected.packs, input, head };
}

async function changedFiles(
  mirror: Mirror,
  { baseCommit, files }: ChangeSet,
): Promise<Pick<CheckInput, 'written' | 'deleted'>> {
  const before = await mirror.readFiles(
    baseCommit,
    files.map((file) => file.path),
  );
  const old = (path: string) => before.get(path) ?? null;
  return {
    written: files.flatMap((file) =>
      file.op === 'write'
        ? [{ path: file.path, content: Buffer.from(file.contentBase64, 'base64'), before: old(file.path) }]
        : [],
    ),
    deleted: files.flatMap((file) => (file.op === 'delete' ? [{ path: file.path, before: old(file.path) }] : [])),
  };
}

async function projectFiles(mirror: Mirror, commit: string): Promise<ProjectFiles> {
  const paths = (await mirror.listFiles(commit)).map((file) => file.path);
  return {
    paths,
    read: async (wanted) =>
      new Map(
        [...(await mirror.readFiles(commit, wanted, MAX_READ_BYTES))].flatMap(([path, content]) => {
          const text = textOf(content);
          return text === null ? [] : [[path, text]];
        }),
      ),
  };
}
