import { OrchestratorConfig } from '@orchestrator/shared/config/schema.ts';
import type { CheckInput } from '../src/check.ts';
import { changeSetOf } from './stage-harness.ts';

export type Contents = Record<string, string | Buffer | null>;

/** `before`: files at the base; `after`: what the change writes, null where it deletes. */
export function checkInput(before: Contents, after: Contents, more: Partial<CheckInput> = {}): CheckInput {
  const bytes = (content: string | Buffer | null | undefined) =>
    content == null ? null : Buffer.from(content as string);
  const entries = Object.entries(after);
  return {
    changeSet: changeSetOf(
      '0'.repeat(40),
      Object.fromEntries(entries.map(([path, content]) => [path, content === null ? null : String(content)])),
    ),
    written: entries.flatMap(([path, content]) =>
      content === null ? [] : [{ path, content: bytes(content) as Buffer, before: bytes(before[path]) }],
    ),
    deleted: entries.flatMap(([path, content]) => (content === null ? [{ path, before: bytes(before[path]) }] : [])),
    changedLines: 10,
    validate: OrchestratorConfig.parse({}).validate,
    specification: null,
    base: {
      paths: Object.keys(before),
      read: async (paths) => new Map(paths.map((path) => [path, String(before[path])])),
    },
    rules: [],
    signal: new AbortController().signal,
    ...more,
  };
}

export const codesOf = (findings: readonly { readonly code: string }[]): string[] =>
  findings.map((finding) => finding.code);
