import type { OrchestratorConfig } from '@orchestrator/shared/config/schema.ts';
import type { TaskView } from '@orchestrator/shared/pipeline/stage.ts';
import type { Mirror } from '@orchestrator/shared/repo/mirror.ts';
import { conventionFiles, MAX_CONVENTION_TOKENS } from './conventions.ts';
import { mentionsOf } from './mentions.ts';
import { namedFiles } from './named-files.ts';
import { byScore, LIKELY_SCORE, MIN_SCORE, type Ranked, ranked, scoreOfPath, scoreOfText } from './rank-files.ts';
import { readableFiles, withinBytes } from './readable-files.ts';
import { repositoryMap } from './repository-map.ts';
import { isSource, signaturesOf } from './signatures.ts';
import { TokenBudget } from './token-budget.ts';
import { unreadableByName } from './unreadable.ts';

export interface ContextFile {
  readonly path: string;
  /** An estimate, with the file's frame. */
  readonly tokens: number;
  readonly reason: string;
  /** The full text; otherwise signatures or a beginning. */
  readonly whole: boolean;
  readonly text: string;
  /** Shown to every task of the commit, so it belongs to the stable part of the prompt. */
  readonly convention: boolean;
}

export interface SelectedContext {
  /** Conventions first, then what is near to the task, nearest first. */
  readonly files: readonly ContextFile[];
  readonly tokens: number;
  /** The repository map. */
  readonly tree: string;
  /** Declarations of sources near the task, nearest first, whether the file is shown whole or not. */
  readonly signatures: readonly { readonly path: string; readonly text: string }[];
  readonly notes: readonly string[];
}

export interface SelectContextOptions {
  readonly mirror: Mirror;
  readonly commit: string;
  readonly task: TaskView;
  readonly config: Pick<OrchestratorConfig, 'models'>;
}

/** Rules, schema and the question around the context. */
const FIXED_TOKENS = 1_600;
const MAX_READ_BYTES = 4_000_000;
const MAX_SIGNATURES = 40;

/** What the analyzer is shown of a repository for a task. No model is asked; the same input gives the same answer. */
export async function selectContext({ mirror, commit, task, config }: SelectContextOptions): Promise<SelectedContext> {
  const tree = await mirror.listFiles(commit);
  const byPath = new Map(tree.map((file) => [file.path, file]));
  const refusedByName = new Map(
    tree.flatMap((file) => {
      const reason = unreadableByName(file);
      return reason ? [[file.path, reason] as const] : [];
    }),
  );
  const readable = tree.map((file) => file.path).filter((path) => !refusedByName.has(path));

  const mentions = mentionsOf(task);
  const { named, absent } = namedFiles(
    task,
    mentions,
    tree.map((file) => file.path),
  );
  const conventions = conventionFiles(readable);
  const near = [...named.keys()];
  const sources = readable
    .filter(isSource)
    .map((path) => ranked(path, scoreOfPath(path, task, mentions, near)))
    .sort(byScore)
    .map((file) => file.path);
  const wanted = [...new Set([...near.filter((path) => !refusedByName.has(path)), ...conventions, ...sources])];
  const { texts, refused } = await readableFiles(mirror, commit, withinBytes(wanted, byPath, MAX_READ_BYTES));

  const budget = new TokenBudget(config.models.analyzer.maxInputTokens - FIXED_TOKENS);
  budget.take(`${task.title}\n${task.body}`);
  const map = repositoryMap(readable, Math.floor(budget.limit * 0.15));
  budget.take(map);

  const files = new Map<string, ContextFile>();
  const notes = absent.map((path) => `${path} is named by the task and does not exist`);
  for (const [path, reason] of [...refusedByName, ...refused])
    if (named.has(path)) notes.push(`${path} is not shown: it ${reason}`);

  const show = (path: string, reason: string, convention: boolean, maxTokens: number): void => {
    const text = texts.get(path);
    if (text === undefined || files.has(path)) return;
    const tokens = budget.take(text, maxTokens);
    if (tokens !== null) files.set(path, { path, tokens, reason, whole: true, text, convention });
    else {
      const beginning = budget.takeBeginning(isSource(path) ? signaturesOf(path, text) : text, maxTokens);
      if (beginning)
        files.set(path, { path, tokens: beginning.tokens, reason, whole: false, text: beginning.text, convention });
      if (named.has(path)) notes.push(`${path} is too large to be shown whole`);
    }
  };

  // A file that the task names is shown for that reason even where it is a conventions file, and before money is spent on others.
  for (const [path, reason] of named) show(path, reason, false, Math.floor(budget.limit * 0.4));
  const conventionLimit = budget.left - Math.floor(budget.limit * 0.2);
  for (const path of conventions)
    if (budget.left > conventionLimit) show(path, 'conventions', true, MAX_CONVENTION_TOKENS);

  const rest = rankTexts([...texts.keys()].filter(isSource));
  for (const file of rest)
    if (file.score >= LIKELY_SCORE) show(file.path, file.reason, false, Math.floor(budget.left * 0.3));
  const signatures = [...near.filter(isSource), ...rest.map((file) => file.path)]
    .map((path) => ({ path, text: signaturesOf(path, texts.get(path) ?? '') }))
    .filter(({ text }) => text !== '')
    .slice(0, MAX_SIGNATURES);
  for (const { path, text } of signatures) {
    if (files.has(path)) continue;
    const tokens = budget.take(text, Math.floor(budget.left * 0.5));
    const reason = rest.find((file) => file.path === path)?.reason ?? '';
    if (tokens !== null) files.set(path, { path, tokens, reason, whole: false, text, convention: false });
  }

  const shown = [...files.values()];
  return {
    files: [...shown.filter((file) => file.convention), ...shown.filter((file) => !file.convention)],
    tokens: FIXED_TOKENS + budget.limit - budget.left,
    tree: map,
    signatures,
    notes,
  };

  function rankTexts(paths: readonly string[]): Ranked[] {
    return paths
      .filter((path) => !named.has(path))
      .map((path) => {
        const text = texts.get(path) as string;
        return ranked(path, [
          ...scoreOfPath(path, task, mentions, near),
          ...scoreOfText(text, signaturesOf(path, text), mentions),
        ]);
      })
      .filter((file) => file.score >= MIN_SCORE)
      .sort(byScore);
  }
}
