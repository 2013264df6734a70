import { afterEach, describe, expect, it } from 'vitest';
import { forgetSecrets, maskData, maskSecrets, registerSecrets } from './redact.ts';

afterEach(forgetSecrets);

describe('maskSecrets', () => {
  it('masks a registered value in every form that text carries it in', () => {
    const secret = 'a"b/c d+e?f\\g';
    registerSecrets([secret, undefined, 'short']);

    for (const form of [
      secret,
      JSON.stringify(secret),
      encodeURIComponent(secret),
      Buffer.from(secret).toString('base64'),
    ]) {
      const masked = maskSecrets(`before ${form} after`);
      expect(masked).toContain('***');
      expect(masked).not.toContain(form);
    }
    expect(maskSecrets('a short word stays')).toBe('a short word stays');
  });

  it('masks the password of a registered URL where it appears alone, but not one that repeats the user name', () => {
    registerSecrets(['postgres://orchestrator:hunter2-hunter2@db/x', 'postgres://postgres:postgres@db/x']);

    expect(maskSecrets('password authentication failed: hunter2-hunter2')).toBe('password authentication failed: ***');
    expect(maskSecrets('the postgres server')).toBe('the postgres server');
  });

  it('masks a longer secret whole when it contains a shorter one', () => {
    registerSecrets(['abcdefgh', 'abcdefghijkl']);

    expect(maskSecrets('abcdefghijkl')).toBe('***');
  });

  it.each([
    `sk-${'ant-api03-'}${'x'.repeat(40)}`,
    `ghp_${'A1'.repeat(18)}`,
    `github_pat_${'A1_'.repeat(20)}`,
    `https://discord.com/api/webhooks/123456/${'tok'.repeat(20)}`,
    `Authorization: Bearer ${'ey.'.repeat(10)}`,
    'https://user:swordfish@example.org/x.git',
    '-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----',
  ])('masks %s by its shape, registered or not', (text) => {
    const masked = maskSecrets(text);

    expect(masked).toContain('***');
    expect(masked).not.toMatch(/x{10}|A1A1|A1_A1|toktok|ey\.ey|swordfish|MIIE/);
  });

  it('leaves ordinary text as it is', () => {
    const text = 'run 3f2a: 1,204 tokens at https://api.example.org:8443/v1/messages, task-12, skip-this-one';

    expect(maskSecrets(text)).toBe(text);
  });
});

describe('maskData', () => {
  it('masks what stands under a telling key at any depth, and no count of tokens', () => {
    const data = {
      tokens: 12,
      inputTokens: 3,
      headers: { 'x-api-key': 'q', Authorization: 'r' },
      env: [{ OPENAI_API_KEY: 's' }],
    };

    expect(maskData(data)).toEqual({
      tokens: 12,
      inputTokens: 3,
      headers: { 'x-api-key': '***', Authorization: '***' },
      env: [{ OPENAI_API_KEY: '***' }],
    });
  });
});
