import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readEnvironment } from './environment.ts';

// No key: only its form is looked at here.
const PEM = '-----BEGIN RSA PRIVATE KEY-----\nMIIEpAIBAAKCAQEA\n-----END RSA PRIVATE KEY-----';

describe('a GitHub App in the environment', () => {
  test('may have its key in one line, in several, or in a file', () => {
    const folder = mkdtempSync(join(tmpdir(), 'environment-'));
    writeFileSync(join(folder, 'key.pem'), `${PEM}\n`);
    try {
      for (const key of [
        { GITHUB_APP_PRIVATE_KEY: PEM },
        { GITHUB_APP_PRIVATE_KEY: PEM.replaceAll('\n', '\\n') },
        { GITHUB_APP_PRIVATE_KEY_FILE: join(folder, 'key.pem') },
      ])
        expect(readEnvironment({ GITHUB_APP_ID: '4711', ...key }, '/')).toMatchObject({
          GITHUB_APP_ID: '4711',
          GITHUB_APP_PRIVATE_KEY: PEM,
        });
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test.each([
    [{ GITHUB_APP_ID: '4711' }, /GITHUB_APP_PRIVATE_KEY: is not set, and GITHUB_APP_ID is/],
    [{ GITHUB_APP_PRIVATE_KEY: PEM }, /GITHUB_APP_ID: is not set, and GITHUB_APP_PRIVATE_KEY is/],
    [{ GITHUB_APP_ID: '4711', GITHUB_APP_PRIVATE_KEY: 'MIIEpAIBAAKCAQEA' }, /GITHUB_APP_PRIVATE_KEY: is not a PEM/],
    [
      { GITHUB_APP_ID: '4711', GITHUB_APP_PRIVATE_KEY: PEM, GITHUB_APP_INSTALLATION_ID: 'acme' },
      /GITHUB_APP_INSTALLATION_ID: is not a number/,
    ],
  ])('%# is refused, with what to do and without the key', (source, problem) => {
    expect(() => readEnvironment(source, '/')).toThrow(problem);
    expect(() => readEnvironment(source, '/')).not.toThrow(/MIIE/);
  });
});
