import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Which processes use the embedded server: one file a process, under a lock. The last to leave stops the server; a
 * process that died without leaving is not counted.
 */
export class Holders {
  readonly #folder: string;
  readonly #lock: string;

  constructor(folder: string) {
    this.#folder = join(folder, 'holders');
    this.#lock = join(folder, 'lock');
    mkdirSync(this.#folder, { recursive: true });
  }

  /** Runs `work` while no other process runs its own. */
  async exclusively<T>(work: () => Promise<T>): Promise<T> {
    await this.#acquire();
    try {
      return await work();
    } finally {
      rmSync(this.#lock, { force: true });
    }
  }

  enter(): void {
    writeFileSync(join(this.#folder, String(process.pid)), '');
  }

  /** Returns whether other processes still hold the server. */
  leave(): boolean {
    rmSync(join(this.#folder, String(process.pid)), { force: true });
    let others = false;
    for (const pid of readdirSync(this.#folder)) {
      if (alive(Number(pid))) others = true;
      else rmSync(join(this.#folder, pid), { force: true });
    }
    return others;
  }

  async #acquire(): Promise<void> {
    for (;;) {
      try {
        writeFileSync(this.#lock, String(process.pid), { flag: 'wx' });
        return;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      }
      const holder = Number(readIfThere(this.#lock));
      // An empty file is a lock that is just being written.
      if (holder > 0 && !alive(holder)) rmSync(this.#lock, { force: true });
      else await sleep(25);
    }
  }
}

export function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function readIfThere(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
