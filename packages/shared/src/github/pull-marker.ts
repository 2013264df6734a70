import { createHash } from 'node:crypto';
import { z } from 'zod';

/**
 * What we remember in the pull request itself, so that the platform can be asked first, even by a database that is new:
 * which task and text it was made for, and what the body was when we wrote it.
 */
const Marker = z.object({
  task: z.string(),
  /** Hash of the task's text. */
  text: z.string(),
  /** Of the body without this marker. */
  fingerprint: z.string(),
});
export type PullMarker = z.infer<typeof Marker>;

const LINE = /\n?<!-- ai-orchestrator (\{[^\n]*\}) -->\s*$/;
/** The box that asks for a rebuild of a branch that people have committed to. */
export const REBUILD_BOX = '<!-- ai-orchestrator rebuild -->';
const TICKED = /- \[[xX]\] <!-- ai-orchestrator rebuild -->/;

/** The body with the box and the marker at its end. */
export function markBody(body: string, { task, text }: Pick<PullMarker, 'task' | 'text'>): string {
  const shown = `${body.trimEnd()}\n\n- [ ] ${REBUILD_BOX}Rebuild this branch, and drop commits that others added\n`;
  const marker: PullMarker = { task, text, fingerprint: fingerprintOf(shown) };
  // "--" would end the comment: task ids may hold it.
  return `${shown}\n<!-- ai-orchestrator ${JSON.stringify(marker).replaceAll('--', '-\\u002d')} -->\n`;
}

/** null: not ours, or a person removed the marker. */
export function readMarker(body: string | null): PullMarker | null {
  const json = LINE.exec(body ?? '')?.[1];
  if (json === undefined) return null;
  try {
    return Marker.safeParse(JSON.parse(json)).data ?? null;
  } catch {
    return null;
  }
}

export const wantsRebuild = (body: string | null): boolean => TICKED.test(body ?? '');

const fingerprintOf = (shown: string): string => createHash('sha256').update(shown).digest('hex').slice(0, 16);
