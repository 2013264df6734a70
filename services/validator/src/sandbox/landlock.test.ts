import { once } from 'node:events';
import { chmodSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname } from 'node:path';
import { testDatabase } from '@orchestrator/testkit/postgres.ts';
import { describe, expect, test } from 'vitest';
import { sandboxContract } from '../../test/sandbox-contract.ts';
import { stageHarness, verdictOf } from '../../test/stage-harness.ts';
import { chooseSandbox } from './choose-sandbox.ts';
import { landlockSandbox } from './landlock.ts';
import { probeSandbox, type SandboxStatus } from './probe.ts';

const status = await probeSandbox(landlockSandbox());
const isRoot = process.getuid?.() === 0;

const held: SandboxStatus = { available: true, reason: '', fix: '', probes: { all: true } };
const none: SandboxStatus = { available: false, reason: 'no user namespaces', fix: 'Allow them.', probes: {} };

describe.skipIf(!status.available)(`with Landlock${status.available ? '' : ` (skipped: ${status.reason})`}`, () => {
  sandboxContract('landlock', landlockSandbox, { namespaces: false });

  test('its own probe finds that it holds', () => {
    expect(Object.values(status.probes)).not.toContain(false);
    expect(Object.keys(status.probes).length).toBeGreaterThanOrEqual(15);
  });
});

test.skipIf(!status.available)(
  `the stages prepare, build and judge with it${status.available ? '' : ' (skipped)'}`,
  async () => {
    const registry = createServer((_request, response) => response.end('a package')).listen(0, '127.0.0.1');
    await once(registry, 'listening');
    const { port } = registry.address() as AddressInfo;
    process.env.npm_config_registry = `http://127.0.0.1:${port}/`;
    const db = await testDatabase();
    const fetcher = `import { request } from 'node:http';
import { mkdirSync, writeFileSync } from 'node:fs';
const proxy = new URL(process.env.HTTP_PROXY);
const get = (path) => new Promise((resolve) => request({ host: proxy.hostname, port: proxy.port, path, headers: { host: new URL(path).host } }, (response) => { let text = ''; response.on('data', (chunk) => { text += chunk; }).on('end', () => resolve(text)); }).on('error', () => resolve('')).end());
mkdirSync('node_modules/dep', { recursive: true });
writeFileSync('node_modules/dep/file', await get(process.env.npm_config_registry + 'dep'));
if (/package/.test(await get('http://127.0.0.1:1/'))) throw new Error('reached');
`;
    const test = (name: string) =>
      `import { test } from 'node:test';\nimport { readFileSync } from 'node:fs';\ntest(${name}, () => {});\n`;
    const harness = await stageHarness(
      db.database,
      {
        'package.json': JSON.stringify({
          name: 'x',
          type: 'module',
          scripts: { test: 'node --test' },
          dependencies: { dep: '1' },
        }),
        'fetch.mjs': fetcher,
        'a.test.js': test("'a'"),
      },
      {
        config: { sandbox: { minTier: 2 }, validate: { prepare: ['node fetch.mjs'] } },
        choice: { status: async ({ tier }) => (tier === 1 ? none : status) },
      },
    );
    chmodSync(dirname(harness.home), 0o711);
    try {
      expect(await harness.baseline()).toMatchObject({
        kind: 'advance',
        artifacts: [{ content: { sandbox: { tier: 'landlock' }, network: { hosts: [`127.0.0.1:${port}`] } } }],
      });
      const verdict = verdictOf(
        await harness.validate({ 'b.test.js': test("'finds ' + readFileSync('node_modules/dep/file', 'utf8')") }),
      );
      expect(verdict).toMatchObject({ passed: true, tests: { added: ['b.test.js > finds a package'] } });
    } finally {
      delete process.env.npm_config_registry;
      harness.remove();
      registry.close();
      await db.close();
    }
  },
);

test.skipIf(isRoot)(`needs root${isRoot ? ' (skipped: this is root)' : ''}`, () => {
  expect(status).toMatchObject({ available: false, reason: expect.stringContaining('root') });
});

test('is taken only where bubblewrap does not hold and the configuration lets it stand in', async () => {
  const onlySecond = { status: async ({ tier }: { tier: 1 | 2 }) => (tier === 1 ? none : held) };
  await expect(chooseSandbox('/r', onlySecond)).rejects.toMatchObject({ code: 'SANDBOX_UNAVAILABLE' });
  await expect(chooseSandbox('/r', onlySecond, 1)).rejects.toMatchObject({ code: 'SANDBOX_UNAVAILABLE' });
  expect((await chooseSandbox('/r', onlySecond, 2)).info).toEqual({ tier: 'landlock', probes: { all: true } });
  expect((await chooseSandbox('/r', { status: async () => held }, 2)).info.tier).toBe('bubblewrap');
  await expect(chooseSandbox('/r', { status: async () => none }, 2)).rejects.toMatchObject({
    code: 'SANDBOX_UNAVAILABLE',
    message: 'No sandbox: no user namespaces',
  });
});
