import type { OrchestratorConfig } from '@orchestrator/shared/config/schema.ts';
import type { TaskView } from '@orchestrator/shared/pipeline/stage.ts';
import type { Mirror } from '@orchestrator/shared/repo/mirror.ts';
import { MAX_CONVENTION_TOKENS } from './conventions.ts';
import { type Candidates, gatherCandidates } from './gather-candidates.ts';
import { LIKELY_SCORE } from './rank-files.ts';
import { repositoryMap } from './repository-map.ts';
import { isSource, signaturesOf } from './signatures.ts';
import { TokenBudget } from './token-budget.ts';

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
  /** An estimate of the whole question. */
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

/** Rules, schema and the words around the context. */
const FIXED_TOKENS = 1_600;
const MAP_SHARE = 0.15;
const CONVENTIONS_SHARE = 0.2;
/** What one file may take: of everything for a named one, of what is left for others. */
const NAMED_SHARE = 0.4;
const LIKELY_SHARE = 0.3;
const SIGNATURES_SHARE = 0.5;
const MAX_SIGNATURES = 40;
/** Of a file that matters and is too large to be shown whole. */
const MAX_PART_LINES = 1_000;

/** What the analyzer is shown of a repository for a task. No model is asked; the same input gives the same answer. */
export async function selectContext({ mirror, commit, task, config }: SelectContextOptions): Promise<SelectedContext> {
  const candidates = await gatherCandidates(mirror, commit, task);
  const budget = new TokenBudget(config.models.analyzer.maxInputTokens - FIXED_TOKENS);
  await budget.take(`${task.title}\n${task.body}`);
  const tree = await repositoryMap(candidates.paths, Math.floor(budget.limit * MAP_SHARE));
  await budget.take(tree);

  const signatures = signaturesNear(candidates);
  const { files, cut } = await fit(candidates, signatures, budget);
  return {
    files: [...files.filter((file) => file.convention), ...files.filter((file) => !file.convention)],
    tokens: FIXED_TOKENS + budget.limit - budget.left,
    tree,
    signatures,
    notes: [...candidates.notes, ...cut.map((path) => `${path} is named by the task and too large to be shown whole`)],
  };
}

function signaturesNear({ named, ranked, texts }: Candidates): { path: string; text: string }[] {
  return [...named.keys(), ...ranked.map((file) => file.path)]
    .filter(isSource)
    .map((path) => ({ path, text: signaturesOf(path, texts.get(path) ?? '') }))
    .filter(({ text }) => text !== '')
    .slice(0, MAX_SIGNATURES);
}

/** Takes what fits, in the order of its worth: named files, conventions, likely files whole, signatures of the rest. */
async function fit(
  candidates: Candidates,
  signatures: SelectedContext['signatures'],
  budget: TokenBudget,
): Promise<{ files: ContextFile[]; cut: string[] }> {
  const files = new Map<string, ContextFile>();
  const show = async (path: string, reason: string, maxTokens: number, convention: boolean): Promise<void> => {
    const text = candidates.texts.get(path);
    if (text === undefined || files.has(path)) return;
    const tokens = await budget.take(text, maxTokens);
    if (tokens !== null) {
      files.set(path, { path, tokens, reason, whole: true, text, convention });
      return;
    }
    const part = await budget.takeBeginning(
      (isSource(path) && signaturesOf(path, text, MAX_PART_LINES)) || text,
      maxTokens,
    );
    if (part) files.set(path, { path, tokens: part.tokens, reason, whole: false, text: part.text, convention });
  };

  // What the task names is shown for that reason, even where it is a conventions file.
  for (const [path, reason] of candidates.named)
    await show(path, reason, Math.floor(budget.limit * NAMED_SHARE), false);
  const cut = [...candidates.named.keys()].filter((path) => candidates.texts.has(path) && !files.get(path)?.whole);

  const enough = budget.left - Math.floor(budget.limit * CONVENTIONS_SHARE);
  for (const path of candidates.conventions) {
    if (budget.left > enough) await show(path, 'conventions', MAX_CONVENTION_TOKENS, true);
  }
  for (const { path, reason, score } of candidates.ranked) {
    if (score >= LIKELY_SCORE) await show(path, reason, Math.floor(budget.left * LIKELY_SHARE), false);
  }
  const reasons = new Map(candidates.ranked.map((file) => [file.path, file.reason]));
  for (const { path, text } of signatures) {
    if (files.has(path)) continue;
    const tokens = await budget.take(text, Math.floor(budget.left * SIGNATURES_SHARE));
    if (tokens !== null)
      files.set(path, { path, tokens, reason: reasons.get(path) ?? 'near', whole: false, text, convention: false });
  }
  return { files: [...files.values()], cut };
}
