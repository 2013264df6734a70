import { existsSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { services } from '@orchestrator/embedded/services.ts';
import { tokenBudgetFile } from '@orchestrator/shared/budget/export.ts';
import { usdDigits } from '@orchestrator/shared/budget/money.ts';
import { ChangeSet } from '@orchestrator/shared/contracts/change-set.ts';
import { Specification } from '@orchestrator/shared/contracts/specification.ts';
import type { Database } from '@orchestrator/shared/db/client.ts';
import { type RunView, readRuns } from '@orchestrator/shared/read/runs.ts';
import { endedPulls } from './ended-pulls.ts';

/** Writes what the runs of a repository made into `out`. Returns the files written, relative to it. */
export async function exportFiles(
  db: Database,
  repository: { readonly id: string; readonly url: string },
  out: string,
): Promise<string[]> {
  const written: string[] = [];
  const save = async (path: string, content: string | Uint8Array): Promise<void> => {
    const file = resolve(out, path);
    if (!file.startsWith(resolve(out) + sep)) throw new Error(`${path} is outside of the export`);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, content);
    written.push(relative(out, file));
  };
  const runs = latestByTask(await readRuns(db, { repository: repository.url, limit: 100_000 }));
  for (const run of runs) await exportRun(db, run, out, save);
  await save(
    'completed_tasks.json',
    json(runs.filter(({ state }) => state === 'in_review' || state === 'merged').map(completedTask)),
  );
  await save('merged_prs.json', json(await endedPulls(db, repository.id)));
  const budget = await tokenBudgetFile(db);
  if (budget !== null) await save('token_budget.json', json(budget));
  return written.sort();
}

type Save = (path: string, content: string | Uint8Array) => Promise<void>;

async function exportRun(db: Database, run: RunView, out: string, save: Save): Promise<void> {
  const [specification, changeSet] = await Promise.all([
    latest(db, run.run, 'specification'),
    latest(db, run.run, 'change_set'),
  ]);
  const task = await db.task.findFirstOrThrow({
    where: { runs: { some: { id: run.run } } },
    select: { key: true, title: true, module: true, language: true },
  });
  const spec = Specification.safeParse(specification);
  if (spec.success) {
    const { specificationMarkdown } = await services.specificationMarkdown();
    await save(`generated/spec_${run.task}.md`, specificationMarkdown(spec.data, task));
  }
  const change = ChangeSet.safeParse(changeSet);
  if (!change.success) return;
  const folder = `generated/implementation_${run.task}`;
  // Files of an earlier change must not stay among those of this one.
  await rm(join(out, folder), { recursive: true, force: true });
  for (const file of change.data.files)
    if (file.op === 'write') await save(`${folder}/${file.path}`, Buffer.from(file.contentBase64, 'base64'));
  // What was deleted or moved is in the patch alone.
  if (run.patch !== null && existsSync(run.patch)) await save(`${folder}.patch`, await readFile(run.patch));
}

async function latest(db: Database, runId: string, kind: string): Promise<unknown> {
  return (
    await db.artifact.findFirst({ where: { runId, kind }, orderBy: { round: 'desc' }, select: { content: true } })
  )?.content;
}

/** Runs come newest first. */
const latestByTask = (runs: readonly RunView[]): RunView[] => [
  ...new Map([...runs].reverse().map((run) => [run.task, run])).values(),
];

const completedTask = (run: RunView): Record<string, unknown> => ({
  task_id: run.task,
  title: run.title,
  status: run.state === 'merged' ? 'merged' : 'published',
  completed_at: run.endedAt,
  branch: run.branch,
  pr_url: run.url,
  rounds: run.round,
  tokens: run.tokens,
  cost_usd: usdDigits(run.spentNanoUsd),
});

const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;
