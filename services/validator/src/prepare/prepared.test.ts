import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { temporaryFolder } from '@orchestrator/testkit/git/test-repository.ts';
import { type TestDatabase, testDatabase } from '@orchestrator/testkit/postgres.ts';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { stageHarness, verdictOf } from '../../test/stage-harness.ts';

/** A registry on this machine that wants a token, as a company's own does; the machine's configuration names it. */
const TOKEN = 'registry-canary-91c4';
const folder = temporaryFolder();
const asked: string[] = [];
const realEnvironment = { ...process.env };
let registry: Server;
let db: TestDatabase;

beforeAll(async () => {
  db = await testDatabase();
  const tarballs = new Map<string, Buffer>();
  registry = createServer((request, response) => {
    const path = request.url ?? '/';
    if (request.headers.authorization !== `Bearer ${TOKEN}`) return void response.writeHead(401).end();
    asked.push(path);
    const tarball = tarballs.get(path);
    if (tarball !== undefined) return void response.end(tarball);
    const name = path.slice(1);
    const own = tarballs.get(`/${name}/-/${name}-1.0.0.tgz`);
    if (own === undefined) return void response.writeHead(404).end('{}');
    const url = `http://127.0.0.1:${(registry.address() as AddressInfo).port}/${name}/-/${name}-1.0.0.tgz`;
    const integrity = `sha512-${createHash('sha512').update(own).digest('base64')}`;
    response.setHeader('content-type', 'application/json');
    response.end(
      JSON.stringify({
        name,
        'dist-tags': { latest: '1.0.0' },
        versions: { '1.0.0': { name, version: '1.0.0', hasInstallScript: true, dist: { tarball: url, integrity } } },
      }),
    );
  });
  await new Promise<void>((resolve) => registry.listen(0, '127.0.0.1', resolve));
  for (const name of ['tiny-one', 'tiny-two']) tarballs.set(`/${name}/-/${name}-1.0.0.tgz`, pack(name));
  const home = join(folder.path, 'home');
  mkdirSync(home);
  const { port } = registry.address() as AddressInfo;
  writeFileSync(
    join(home, '.npmrc'),
    `registry=http://127.0.0.1:${port}/\n//127.0.0.1:${port}/:_authToken=${TOKEN}\n`,
    { mode: 0o600 },
  );
  // What npm tells the scripts that it runs is another machine's configuration.
  for (const name of Object.keys(process.env)) if (/^npm_config_/i.test(name)) delete process.env[name];
  process.env.HOME = home;
});
afterAll(async () => {
  Object.assign(process.env, realEnvironment);
  await new Promise((resolve) => registry.close(resolve));
  folder.remove();
  await db.close();
});

/** A package whose install script would show that it ran. */
function pack(name: string): Buffer {
  const path = join(folder.path, name);
  mkdirSync(path);
  writeFileSync(
    join(path, 'package.json'),
    JSON.stringify({ name, version: '1.0.0', main: 'index.js', scripts: { postinstall: 'touch installed' } }),
  );
  writeFileSync(join(path, 'index.js'), `module.exports = '${name}';\n`);
  execFileSync('npm', ['pack', '--ignore-scripts', '--silent'], { cwd: path, stdio: ['ignore', 'pipe', 'inherit'] });
  return readFileSync(join(path, `${name}-1.0.0.tgz`));
}

const manifest = (dependencies: Record<string, string>) =>
  JSON.stringify({ name: 'x', version: '1.0.0', scripts: { test: 'node --test' }, dependencies });
const LOOK = `const { test } = require('node:test');
const { existsSync, readdirSync, readFileSync, writeFileSync } = require('node:fs');
test('uses a dependency', () => { if (require('tiny-one') !== 'tiny-one') throw new Error('not there'); });
test('no script of a package ran', () => { if (existsSync('node_modules/tiny-one/installed')) throw new Error('it ran'); });
`;

function hashOf(path: string): string {
  const hash = createHash('sha256');
  for (const entry of readdirSync(path, { recursive: true, withFileTypes: true }).sort((a, b) =>
    join(a.parentPath, a.name) < join(b.parentPath, b.name) ? -1 : 1,
  ))
    hash
      .update(join(entry.parentPath, entry.name))
      .update(entry.isFile() ? readFileSync(join(entry.parentPath, entry.name)) : '');
  return hash.digest('hex');
}

test("dependencies of the base come by the machine's configuration, once; runs see neither the token, nor the network, nor the kept copy", async () => {
  const harness = await stageHarness(db.database, {
    'package.json': manifest({ 'tiny-one': '^1.0.0' }),
    'look.test.js': LOOK,
  });
  try {
    expect(await harness.baseline()).toMatchObject({
      kind: 'advance',
      artifacts: [{ content: { totals: { passed: 2, failed: 0 } } }],
    });
    const fetches = asked.length;
    expect(fetches).toBeGreaterThan(0);
    const kept = join(harness.home, 'cache/dependencies');
    const before = hashOf(kept);
    expect(spawnSync('grep', ['-rF', TOKEN, harness.home]).status).toBe(1);

    const spy = `${LOOK}
console.log(JSON.stringify(process.env), existsSync(process.env.HOME + '/.npmrc'));
writeFileSync('node_modules/tiny-one/index.js', "module.exports = 'tiny-one'; // poisoned");
test('finds no network', async () => { await fetch('http://127.0.0.1:${(registry.address() as AddressInfo).port}/tiny-one').then(() => { throw new Error('reached'); }, () => {}); });
`;
    const verdict = verdictOf(await harness.validate({ 'look.test.js': spy }));
    expect(verdict).toMatchObject({ passed: true, run: { totals: { passed: 3, failed: 0 } } });
    expect(verdict.run?.commands.map((command) => command.step)).toEqual(['test']);
    expect(verdict.run?.commands[0]?.output).toContain('} false');
    expect(JSON.stringify(verdict)).not.toContain(TOKEN);
    expect(asked.length).toBe(fetches);
    expect(hashOf(kept)).toBe(before);
  } finally {
    harness.remove();
  }
});

const withTwo = {
  'package.json': manifest({ 'tiny-one': '^1.0.0', 'tiny-two': '^1.0.0' }),
  'two.test.js':
    "const { test } = require('node:test');\ntest('two', () => { if (require('tiny-two') !== 'tiny-two' || require('node:fs').existsSync('node_modules/tiny-two/installed')) throw new Error('it ran'); });\n",
};

test('what a change adds to its manifest is fetched where the configuration lets it be added, without any script', async () => {
  const config = { validate: { dependencies: { allow: ['tiny-two'] } } };
  const files = { 'package.json': manifest({ 'tiny-one': '^1.0.0' }), 'look.test.js': LOOK };
  const harness = await stageHarness(db.database, files, { config });
  try {
    await harness.baseline();
    const verdict = verdictOf(await harness.validate(withTwo));
    expect(verdict).toMatchObject({ passed: true, findings: [], tests: { added: ['two.test.js > two'] } });
    expect(asked.filter((path) => path.includes('tiny-two'))).not.toEqual([]);
  } finally {
    harness.remove();
  }
});

test('what a change asks for stays unfetched where that would run what it wrote, and reviewers are told', async () => {
  const config = { validate: { dependencies: { added: 'off' as const }, prepare: ['npm install --no-package-lock'] } };
  const files = { 'package.json': manifest({ 'tiny-one': '^1.0.0' }), 'look.test.js': LOOK };
  const harness = await stageHarness(db.database, files, { config });
  try {
    await harness.baseline();
    const before = asked.filter((path) => path.includes('tiny-two')).length;
    const verdict = verdictOf(await harness.validate(withTwo));
    expect(verdict).toMatchObject({ passed: false, tests: { newlyFailed: ['two.test.js > two'] } });
    expect(verdict.findings.map((finding) => finding.code)).toContain('DEPENDENCY_NOT_FETCHED');
    expect(asked.filter((path) => path.includes('tiny-two')).length).toBe(before);
  } finally {
    harness.remove();
  }
});

test('dependencies that cannot be had make the base red, with what the package manager said', async () => {
  const harness = await stageHarness(db.database, {
    'package.json': manifest({ 'no-such-package': '^1.0.0' }),
    'look.test.js': LOOK,
  });
  try {
    expect(await harness.baseline()).toMatchObject({
      kind: 'fail',
      code: 'BASELINE_RED',
      message: expect.stringMatching(/prepare failed .*npm install/),
    });
  } finally {
    harness.remove();
  }
});

test('a link that a package leaves in place of what is kept is not followed', async () => {
  const harness = await stageHarness(
    db.database,
    { 'pyproject.toml': '[tool.pytest.ini_options]\n', 'tests/test_a.py': 'def test_a():\n    pass\n' },
    {
      config: {
        validate: {
          prepare: ['ln -s /etc {cache}/venv'],
          test: ['ls {cache}; ls {cache}/venv/ | head -3; cat {cache}/venv/hostname; true'],
        },
      },
    },
  );
  try {
    const outcome = await harness.baseline();
    expect(outcome).toMatchObject({ kind: 'advance' });
    expect(JSON.stringify(outcome)).not.toMatch(/shadow|passwd/);
    expect(JSON.stringify(outcome)).toContain('No such file or directory');
  } finally {
    harness.remove();
  }
});
