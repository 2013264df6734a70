import { describeError } from '../errors/app-error.ts';
import { within } from './within.ts';

/** Rejects with the reason why the service cannot do its work. */
export type Check = () => Promise<void>;

/** null: it passes. Otherwise why it does not. */
export type CheckResults = Readonly<Record<string, string | null>>;

const TIMEOUT_MS = 5_000;
/** Whoever asks often gets the same answer: asking must not become a load of its own. */
const MAX_AGE_MS = 2_000;

/** Runs all checks, each with a time limit, and remembers the answer for a moment. */
export function createReadiness(checks: Readonly<Record<string, Check>>): () => Promise<CheckResults> {
  let last: { readonly at: number; readonly results: Promise<CheckResults> } | undefined;
  return () => {
    if (last === undefined || performance.now() - last.at > MAX_AGE_MS)
      last = { at: performance.now(), results: runAll(checks) };
    return last.results;
  };
}

async function runAll(checks: Readonly<Record<string, Check>>): Promise<CheckResults> {
  const results = await Promise.all(
    Object.entries(checks).map(async ([name, check]) => [name, await reasonAgainst(check)] as const),
  );
  return Object.fromEntries(results);
}

const reasonAgainst = (check: Check): Promise<string | null> =>
  within<string | null>(
    TIMEOUT_MS,
    () => check().then(() => null, reasonOf),
    () => `no answer within ${TIMEOUT_MS / 1_000} s`,
  );

function reasonOf(error: unknown): string {
  const { message, next } = describeError(error);
  return next === undefined ? message : `${message} ${next}`;
}

/** A check that is expensive and seldom changes: asked again only `maxAgeMs` after it last passed. */
export function remembered(check: Check, maxAgeMs: number): Check {
  let passedAt = Number.NEGATIVE_INFINITY;
  return async () => {
    if (performance.now() - passedAt < maxAgeMs) return;
    await check();
    passedAt = performance.now();
  };
}
