import { MASK, maskSecrets as maskKnownSecrets } from '@orchestrator/shared/boot/redact.ts';

/** Shapes of credentials that stand in repositories and tasks rather than in this process. */
const SHAPES: readonly RegExp[] = [
  /\bglpat-[A-Za-z0-9_-]{16,}/g,
  /\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}/g,
];
/** A literal of letters and digits, too long for a word, given to a name that says it is secret. */
const ASSIGNED =
  /((?:api[_-]?key|secret|token|passw(?:or)?d|private[_-]?key)["']?\s*[:=]\s*["']?)(?=[A-Za-z0-9+/_-]*\d)(?=[A-Za-z0-9+/_-]*[A-Za-z])[A-Za-z0-9+/_-]{24,}={0,2}/gi;

/** The text without this process's secrets and without what looks like anybody else's. */
export function maskSecrets(text: string): string {
  const masked = SHAPES.reduce((out, shape) => out.replace(shape, MASK), maskKnownSecrets(text));
  return masked.replace(ASSIGNED, `$1${MASK}`);
}
