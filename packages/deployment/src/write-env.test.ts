import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from '@orchestrator/testkit/git/test-repository.ts';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { parse } from 'yaml';

const ROOT = join(import.meta.dirname, '../../..');

let folder: ReturnType<typeof temporaryFolder>;
beforeEach(() => {
  folder = temporaryFolder();
});
afterEach(() => folder.remove());

const path = (name: string) => join(folder.path, name);
const read = (name: string) => readFileSync(path(name), 'utf8');
const modeOf = (name: string) => (statSync(path(name)).mode & 0o777).toString(8);
function write(env: Record<string, string> = {}, args = ['--folder', folder.path]) {
  const clean = { PATH: process.env.PATH ?? '', ...env };
  return spawnSync(process.execPath, [join(ROOT, 'scripts/write-env.mjs'), ...args], { encoding: 'utf8', env: clean });
}
const secretsNow = () =>
  Object.fromEntries(readdirSync(path('secrets')).map((name) => [name, read(join('secrets', name))]));

it('makes a file for every secret of the compose file, and every setting that it requires', () => {
  expect(write().status).toBe(0);
  const compose = parse(readFileSync(join(ROOT, 'docker-compose.yml'), 'utf8'), { merge: true });
  const files = Object.values<{ file: string }>(compose.secrets).map(({ file }) => file.replace(/^.*\//, ''));
  expect(readdirSync(path('secrets')).sort()).toEqual(files.sort());
  const required = [...readFileSync(join(ROOT, 'docker-compose.yml'), 'utf8').matchAll(/\$\{([A-Z_]+):\?/g)];
  for (const [, name] of required) expect(read('.env')).toMatch(new RegExp(`^${name}=.`, 'm'));
});

it('closes .env and the folder of secrets to others', () => {
  write();
  expect([modeOf('.env'), modeOf('secrets')]).toEqual(['600', '700']);
});

it('makes passwords that differ, and addresses that hold them', () => {
  write();
  const { postgres_password = '', redis_password = '', api_token = '', ...rest } = secretsNow();
  expect(new Set([postgres_password, redis_password, api_token]).size).toBe(3);
  for (const made of [postgres_password, redis_password, api_token]) expect(made).toMatch(/^[\w-]{32}\n$/);
  expect(new URL(rest.database_url?.trim() ?? '').password).toBe(postgres_password.trim());
  expect(new URL(rest.redis_url?.trim() ?? '').password).toBe(redis_password.trim());
});

it('takes keys from the environment, and leaves those that are not there empty', () => {
  write({ ANTHROPIC_API_KEY: 'key-of-mine' });
  expect(secretsNow()).toMatchObject({ anthropic_api_key: 'key-of-mine\n', openai_api_key: '' });
});

it('never overwrites what is there, fills in what is not, and says which', () => {
  write();
  const before = secretsNow();
  writeFileSync(path('.env'), 'ORCHESTRATOR_PORT=9999\nMINE=1');
  chmodSync(path('.env'), 0o644);
  const again = write({ OPENAI_API_KEY: 'new-key', ANTHROPIC_API_KEY: 'a-key' });
  write({ ANTHROPIC_API_KEY: 'another-key' });
  expect(secretsNow()).toEqual({ ...before, openai_api_key: 'new-key\n', anthropic_api_key: 'a-key\n' });
  expect(read('.env')).toMatch(/^ORCHESTRATOR_PORT=9999\nMINE=1\n(.|\n)*^ORCHESTRATOR_SECRETS=/m);
  expect(modeOf('.env')).toBe('600');
  expect(again.stdout).toMatch(/postgres_password: kept\n(.|\n)*openai_api_key: written\n/);
  expect(again.stdout).toContain('now readable by you alone');
  expect(again.stdout).not.toContain('new-key');
});

it('puts secrets where .env says', () => {
  writeFileSync(path('.env'), `ORCHESTRATOR_SECRETS="${path('elsewhere')}"\n`);
  write();
  expect(existsSync(path('elsewhere/api_token'))).toBe(true);
  expect(existsSync(path('secrets'))).toBe(false);
});

it('refuses what it does not understand, and writes nothing', () => {
  const { status, stderr } = write({}, ['--flder', folder.path]);
  expect([status, stderr]).toEqual([2, expect.stringContaining('--flder')]);
  expect(existsSync(path('.env'))).toBe(false);
});
