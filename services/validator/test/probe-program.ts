import { chown } from 'node:fs/promises';
import { bubblewrapSandbox } from '../src/sandbox/bubblewrap.ts';
import { probeSandbox } from '../src/sandbox/probe.ts';

/** A process of its own for tests: `probe` prints the sandbox's status, `hold FOLDER MARKER` runs something endless. */
const [, , mode, folder = '', marker = ''] = process.argv;
if (mode === 'probe') {
  process.stdout.write(JSON.stringify(await probeSandbox()));
} else {
  const session = await bubblewrapSandbox().open();
  if (session.owner !== null) await chown(folder, session.owner.uid, session.owner.gid);
  await session.run({
    argv: ['sh', '-c', `setsid sh -c 'while :; do sleep 1; done' "${marker} inside" & wait`],
    cwd: '',
    workspaceDir: folder,
    env: {},
    network: 'none',
    timeoutMs: 60_000,
    memoryBytes: 256 * 1024 * 1024,
    diskBytes: 64 * 1024 * 1024,
    processes: 50,
    signal: new AbortController().signal,
  });
}
