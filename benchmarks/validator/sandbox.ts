import { execFile } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { chooseSandbox } from '../../services/validator/src/sandbox/choose-sandbox.ts';
import { median, round, timed } from './measure.ts';

const execute = promisify(execFile);
const ROUNDS = 9;
const MIB = 1024 * 1024;
/** Processes, files and processor time, about a second of each machine's own. */
const SCRIPT =
  'for i in 1 2 3 4 5 6 7 8 9 10; do for j in 1 2 3 4 5 6 7 8 9 10; do echo $i$j > f$i$j; cat f$i$j > /dev/null; done; done; i=0; while [ $i -lt 400000 ]; do i=$((i+1)); done';

/** The same command bare and in the sandbox, in turn. Aim: at most 5 % and 50 ms more. */
export async function measureSandbox(folder: string) {
  const session = await (await chooseSandbox(folder)).open();
  const bare: number[] = [];
  const boxed: number[] = [];
  try {
    chmodSync(folder, 0o711);
    for (let turn = 0; turn < ROUNDS; turn++) {
      const [plain, box] = ['plain', 'box'].map((name) => join(folder, `${name}-${turn}`)) as [string, string];
      for (const path of [plain, box]) mkdirSync(path);
      if (session.owner !== null) chownSync(box, session.owner.uid, session.owner.gid);
      bare.push(await timed(() => execute('/bin/sh', ['-c', SCRIPT], { cwd: plain, env: { PATH: '/usr/bin:/bin' } })));
      boxed.push(
        await timed(async () => {
          const { exitCode, output } = await session.run({
            argv: ['sh', '-c', SCRIPT],
            cwd: '',
            workspaceDir: box,
            env: {},
            network: 'none',
            timeoutMs: 120_000,
            memoryBytes: 512 * MIB,
            diskBytes: 64 * MIB,
            processes: 100,
            signal: new AbortController().signal,
          });
          if (exitCode !== 0) throw new Error(`the command ended with ${exitCode} in the sandbox: ${output}`);
        }),
      );
    }
  } finally {
    await session.release();
  }
  const [bareMs, boxedMs] = [median(bare), median(boxed)];
  const allowedMs = bareMs * 1.05 + 50;
  return {
    rounds: ROUNDS,
    bareMs: round(bareMs),
    boxedMs: round(boxedMs),
    overheadMs: round(boxedMs - bareMs),
    allowedOverheadMs: round(allowedMs - bareMs),
    reached: boxedMs <= allowedMs,
  };
}
