import { execFileSync, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { sandboxContract } from '../../test/sandbox-contract.ts';
import { bubblewrapSandbox } from './bubblewrap.ts';
import { anyProcessNamed, probeSandbox } from './probe.ts';

const status = await probeSandbox();
const isRoot = process.getuid?.() === 0;
const NOBODY = '54321';
const PROGRAM = join(import.meta.dirname, '../../test/probe-program.ts');

describe.skipIf(!status.available)(`with bubblewrap${status.available ? '' : ` (skipped: ${status.reason})`}`, () => {
  sandboxContract('bubblewrap', bubblewrapSandbox);

  test('its own probe finds that it holds', () => {
    expect(Object.values(status.probes)).not.toContain(false);
    expect(Object.keys(status.probes).length).toBeGreaterThanOrEqual(15);
  });

  // Early deaths included: the box is not yet bound to the process then.
  test.each([0, 5, 10, 20, 30, 50, 80, 300])(
    'the box dies with the process that started it, killed after %d ms',
    async (afterMs) => {
      const folder = mkdtempSync(join(tmpdir(), 'orchestrator-orphan-'));
      const marker = `orphan-${randomUUID()}`;
      const child = spawn(process.execPath, [PROGRAM, 'hold', folder, marker], { stdio: 'inherit' });
      while (!(await anyProcessNamed(`${marker} inside`))) await delay(5);
      await delay(afterMs);
      child.kill('SIGKILL');
      await once(child, 'exit');
      // What was caught in the middle of being made is ended by whoever takes the slot next.
      let quiet = 0;
      for (const until = performance.now() + 8_000; quiet < 5 && performance.now() < until; await delay(50)) {
        quiet = (await anyProcessNamed(`${marker} inside`)) ? 0 : quiet + 1;
        // Several, since other tests may hold slots meanwhile.
        const sessions = await Promise.all([1, 2, 3, 4].map(() => bubblewrapSandbox().open()));
        for (const session of sessions) await session.release();
      }
      expect(quiet).toBe(5);
      rmSync(folder, { recursive: true, force: true });
    },
  );

  test.skipIf(!isRoot)(
    `holds as well when an ordinary user starts it${isRoot ? '' : ' (skipped: this is one)'}`,
    () => {
      expect(JSON.parse(asNobody([]))).toMatchObject({ available: true });
    },
  );

  test.skipIf(!isRoot)(
    `is not available where user namespaces are forbidden, and says what to do${isRoot ? '' : ' (skipped: needs root)'}`,
    () => {
      const forbidden = asNobody(['bwrap', '--dev-bind', '/', '/', '--unshare-user', '--disable-userns', '--']);
      expect(JSON.parse(forbidden)).toMatchObject({
        available: false,
        probes: {},
        fix: expect.stringMatching(/namespaces/),
      });
    },
  );
});

test('without bubblewrap it is not available, and nothing is executed', async () => {
  const sandbox = bubblewrapSandbox({ bwrapPath: '/nowhere/bwrap' });
  expect(await probeSandbox(sandbox)).toMatchObject({
    available: false,
    probes: {},
    fix: 'Install bubblewrap: apt-get install bubblewrap',
  });
});

function asNobody(prefix: readonly string[]): string {
  return execFileSync(
    'setpriv',
    ['--reuid', NOBODY, '--regid', NOBODY, '--clear-groups', ...prefix, process.execPath, PROGRAM, 'probe'],
    {
      env: { PATH: process.env.PATH, HOME: '/nonexistent', TMPDIR: '/tmp' },
      encoding: 'utf8',
      cwd: '/',
    },
  );
}
