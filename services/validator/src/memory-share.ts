import { availableParallelism, totalmem } from 'node:os';

/** What validations may use together; the rest is for the service and the system. */
const SHARE = 0.75;
const MIB = 1024 * 1024;
/** What one validation needs where its repository sets nothing else: `validate.memoryMb`. */
const DEFAULT_MEMORY_MB = 2_048;

interface Waiting {
  readonly memoryMb: number;
  readonly admit: () => void;
}

export interface MemoryShare {
  release(): void;
}

/** Memory of a machine, or of the container that the process is in, that several validations share. */
export class MemoryPool {
  readonly #totalMb: number;
  #takenMb = 0;
  #running = 0;
  readonly #waiting: Waiting[] = [];

  constructor(totalMb: number) {
    this.#totalMb = totalMb;
  }

  /** Waits until the memory is free, in the order of asking. One validation alone always runs. Throws the signal's reason. */
  async take(memoryMb: number, signal: AbortSignal): Promise<MemoryShare> {
    signal.throwIfAborted();
    if (this.#waiting.length > 0 || !this.#fits(memoryMb)) await this.#wait(memoryMb, signal);
    else this.#count(memoryMb, 1);
    let released = false;
    return {
      release: () => {
        if (released) return;
        released = true;
        this.#count(-memoryMb, -1);
        this.#admitWaiting();
      },
    };
  }

  #wait(memoryMb: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const entry: Waiting = {
        memoryMb,
        admit: () => {
          signal.removeEventListener('abort', giveUp);
          resolve();
        },
      };
      const giveUp = () => {
        this.#waiting.splice(this.#waiting.indexOf(entry), 1);
        reject(signal.reason);
        this.#admitWaiting();
      };
      signal.addEventListener('abort', giveUp, { once: true });
      this.#waiting.push(entry);
    });
  }

  #admitWaiting(): void {
    for (let [next] = this.#waiting; next !== undefined && this.#fits(next.memoryMb); [next] = this.#waiting) {
      this.#waiting.shift();
      // Counted before the waiter runs, so that nobody slips in between.
      this.#count(next.memoryMb, 1);
      next.admit();
    }
  }

  #fits(memoryMb: number): boolean {
    return this.#running === 0 || this.#takenMb + memoryMb <= this.#totalMb;
  }

  #count(memoryMb: number, running: number): void {
    this.#takenMb += memoryMb;
    this.#running += running;
  }
}

/** The container's limit where there is one, else the machine's memory. */
function sharedMb(): number {
  const limit = process.constrainedMemory();
  return ((limit > 0 && limit < totalmem() ? limit : totalmem()) * SHARE) / MIB;
}

const pool = new MemoryPool(sharedMb());

/** Takes the memory of one validation from what this process may use. */
export const takeMemory = (memoryMb: number, signal: AbortSignal): Promise<MemoryShare> => pool.take(memoryMb, signal);

/** How many validations of the default size this machine holds at once. */
export const validationsAtOnce = (totalMb = sharedMb(), processors = availableParallelism()): number =>
  Math.max(1, Math.min(processors, Math.floor(totalMb / DEFAULT_MEMORY_MB)));
