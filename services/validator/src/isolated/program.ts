import { writeSync } from 'node:fs';
import { json } from 'node:stream/consumers';

/** The frame of a program of runIsolated: one JSON value in, the result as the last line out. */
export async function runProgram<Input, Result>(work: (input: Input) => Promise<Result> | Result): Promise<void> {
  const result = await work((await json(process.stdin)) as Input);
  process.stdout.write(`${JSON.stringify({ result })}\n`);
}

/** Says which source is read next, so that a crash can be put down to it. */
export function announce(source: string): void {
  writeSync(1, `${JSON.stringify({ at: source })}\n`);
}
