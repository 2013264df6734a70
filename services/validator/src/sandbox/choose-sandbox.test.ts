import { existsSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { testDatabase } from '@orchestrator/testkit/postgres.ts';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { stageHarness } from '../../test/stage-harness.ts';
import { chooseSandbox } from './choose-sandbox.ts';
import type { SandboxStatus } from './probe.ts';

const status = async (): Promise<SandboxStatus> => ({
  available: false,
  reason: 'no bubblewrap',
  fix: 'Install it.',
  probes: {},
});
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'orchestrator-choice-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('without a sandbox there is none for anybody, and the error says what to do', async () => {
  await expect(chooseSandbox(folder, { status })).rejects.toMatchObject({
    code: 'SANDBOX_UNAVAILABLE',
    message: 'No sandbox: no bubblewrap',
    next: 'Nothing was executed. Install it.',
  });
});

test('the demo may run its own example without one, by any name of its folder, and nothing else', async () => {
  const choice = { status, allowUnsandboxed: { onlyFor: folder } };
  const link = `${folder}-link`;
  symlinkSync(folder, link);
  expect((await chooseSandbox(folder, choice)).info.tier).toBe('none');
  expect((await chooseSandbox(link, choice)).info.tier).toBe('none');
  rmSync(link);
  for (const other of [tmpdir(), join(folder, 'below'), 'https://example.com/a.git', '.', ''])
    await expect(chooseSandbox(other, choice)).rejects.toMatchObject({ code: 'SANDBOX_UNAVAILABLE' });
});

test('where there is a sandbox it is used, also for the demo', async () => {
  const held = async (): Promise<SandboxStatus> => ({ available: true, reason: '', fix: '', probes: { all: true } });
  expect((await chooseSandbox(folder, { status: held, allowUnsandboxed: { onlyFor: folder } })).info).toEqual({
    tier: 'bubblewrap',
    probes: { all: true },
  });
});

test('the stages execute nothing without a sandbox, and judge the shipped example where it is allowed', async () => {
  const db = await testDatabase();
  const canary = join(folder, 'executed');
  const files = {
    'package.json': JSON.stringify({ name: 'x', type: 'module', scripts: { test: 'node --test' } }),
    'a.test.js': `import { writeFileSync } from 'node:fs';\nimport { test } from 'node:test';\nwriteFileSync('${canary}', '');\ntest('a', () => {});\n`,
  };
  const harness = await stageHarness(db.database, files, { choice: { status } });
  try {
    await expect(harness.baseline()).rejects.toMatchObject({ code: 'SANDBOX_UNAVAILABLE' });
    expect(existsSync(canary)).toBe(false);
    const allowed = { ...harness.choice, allowUnsandboxed: { onlyFor: harness.repository.path } };
    expect(await harness.baseline(allowed)).toMatchObject({
      kind: 'advance',
      artifacts: [{ content: { sandbox: { tier: 'none' }, totals: { passed: 1 } } }],
    });
    expect(existsSync(canary)).toBe(true);
  } finally {
    harness.remove();
    await db.close();
  }
});
