import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Guard, startGuard } from '../../packages/testkit/src/chaos/world/guard.ts';

/**
 * What a benchmark starts ends with it, however that ends: by itself, by a signal, or killed; then a process of its own
 * ends what is left, by the process ids.
 */
let guard: Guard | undefined;
const atEnd: (() => Promise<void>)[] = [];

/** Watches a child until it ends. */
export function watch(child: ChildProcess): void {
  if (!guard) {
    const folder = mkdtempSync(join(tmpdir(), 'bench-guard-'));
    guard = startGuard(folder);
    process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  }
  guard.watch(child);
}

/** Runs `close` when a signal ends the benchmark. Who ends by himself closes what he opened. */
export function closeAtSignal(close: () => Promise<void>): void {
  if (atEnd.length === 0)
    for (const [signal, code] of [
      ['SIGTERM', 143],
      ['SIGINT', 130],
      ['SIGHUP', 129],
    ] as const)
      process.once(signal, () => void endBy(code));
  atEnd.push(close);
}

async function endBy(code: number): Promise<void> {
  await Promise.allSettled(atEnd.toReversed().map((close) => close()));
  process.exit(code);
}
