import fsp, { type FileHandle } from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';

/**
 * Shifts every clock of this process that JavaScript can read as a date, and the times of files with it, since a machine
 * with a wrong clock writes those by it too. Timers and performance.now() go on as before.
 */
export async function shiftClock(shiftMs: number): Promise<void> {
  const Real = Date;
  class ShiftedDate extends Real {
    constructor(...args: [] | [number | string | Date]) {
      if (args.length === 0) super(Real.now() + shiftMs);
      else super(...(args as [number]));
    }
    static override now(): number {
      return Real.now() + shiftMs;
    }
    // Dates that Node itself makes, such as those of files, are dates too.
    static override [Symbol.hasInstance](value: unknown): boolean {
      return Object.prototype.toString.call(value) === '[object Date]';
    }
  }
  globalThis.Date = ShiftedDate as DateConstructor;
  await shiftFileTimes(shiftMs);
}

async function shiftFileTimes(shiftMs: number): Promise<void> {
  const probe = await fsp.open('/dev/null');
  const handles = Object.getPrototypeOf(probe) as FileHandle;
  await probe.close();
  for (const [owner, name] of [
    [fsp, 'stat'],
    [fsp, 'lstat'],
    [handles, 'stat'],
  ] as const) {
    const methods = owner as unknown as Record<string, (...args: unknown[]) => Promise<{ mtimeMs: number }>>;
    const real = methods[name] as (typeof methods)[string];
    methods[name] = async function (this: unknown, ...args) {
      const stats = await real.apply(this, args);
      stats.mtimeMs += shiftMs;
      return stats;
    };
  }
  const setTimes = fsp.utimes;
  fsp.utimes = (path, access, change) => setTimes(path, back(access, shiftMs), back(change, shiftMs));
  syncBuiltinESMExports();
}

const back = (at: string | number | Date, shiftMs: number): Date => new Date(new Date(at).getTime() - shiftMs);
