import type { OrchestratorConfig } from '@orchestrator/shared/config/schema.ts';
import type { ChangeSet } from '@orchestrator/shared/contracts/change-set.ts';
import type { Specification } from '@orchestrator/shared/contracts/specification.ts';
import type { Finding } from '@orchestrator/shared/contracts/verdict.ts';
import type { ProjectFiles } from './rules/applies.ts';
import type { Rule } from './rules/rule.ts';

/** A file that a change writes. */
export interface WrittenFile {
  readonly path: string;
  readonly content: Buffer;
  /** null: the file is new. */
  readonly before: Buffer | null;
}

export interface CheckInput {
  readonly changeSet: ChangeSet;
  readonly written: readonly WrittenFile[];
  /** Content before the change, as far as it could be read. */
  readonly deleted: readonly { readonly path: string; readonly before: Buffer | null }[];
  /** Lines added and removed by the whole change. */
  readonly changedLines: number;
  /** What the change was planned to be; null where there is none. */
  readonly specification: Specification | null;
  /** The base commit's configuration: a change never decides how it is judged. */
  readonly validate: OrchestratorConfig['validate'];
  /** The base commit. */
  readonly base: ProjectFiles;
  /** Those that look at this change. */
  readonly rules: readonly Rule[];
  readonly signal: AbortSignal;
}

/**
 * A rule about a change, looked at before anything is executed: a file of checks/ with this as its default export. It only
 * looks. An error among its findings fails the verdict without a run.
 */
export interface Check {
  /** The file's name; findings carry it as policy.<id>. */
  readonly id: string;
  readonly run: (input: CheckInput) => readonly Finding[] | Promise<readonly Finding[]>;
}

/** Text of a file; null for what is no UTF-8. */
export function textOf(content: Buffer): string | null {
  try {
    return content.includes(0) ? null : new TextDecoder('utf-8', { fatal: true }).decode(content);
  } catch {
    return null;
  }
}

/** Lines that the change adds, with their numbers. A line that was moved within its file is not new. */
export function addedLines({ content, before }: WrittenFile): { readonly line: number; readonly text: string }[] {
  const text = textOf(content);
  if (text === null) return [];
  const old = new Map<string, number>();
  for (const line of (before === null ? '' : (textOf(before) ?? '')).split('\n'))
    old.set(line, (old.get(line) ?? 0) + 1);
  return text.split('\n').flatMap((line, index) => {
    const left = old.get(line) ?? 0;
    if (left > 0) old.set(line, left - 1);
    return left > 0 ? [] : [{ line: index + 1, text: line }];
  });
}
