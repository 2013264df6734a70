import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

/** Knows every process that was started, and ends them by their ids when this process is gone. */
export interface Guard {
  /** Watches a child until it ends. */
  watch(child: ChildProcess): void;
  close(): Promise<void>;
}

/** `folder` is removed with the processes that are left. */
export function startGuard(folder: string): Guard {
  const guard = spawn(process.execPath, [join(import.meta.dirname, 'guard-process.ts')], {
    detached: true,
    stdio: ['pipe', 'ignore', 'inherit'],
  });
  const tell = (line: string) => void guard.stdin.write(`${line}\n`);
  tell(`folder ${folder}`);
  return {
    watch(child) {
      if (child.pid === undefined) return;
      tell(`+${child.pid}`);
      child.once('exit', () => tell(`-${child.pid}`));
    },
    async close() {
      guard.stdin.end();
      await once(guard, 'exit');
    },
  };
}
