import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { maskShapes, nameSecret } from './secret-shapes.ts';

const whole = (text: string): string => maskShapes(text, () => '[masked]');
const marked = (text: string): string => maskShapes(text, (mark) => `${mark}***`);
// Put together here, so that no scanner takes this file for a leak.
const random = (length: number): string => 'aB3dE6gH9kL2'.repeat(20).slice(0, length);
const key = (length: number): string => 'MIIEvQIBADANBgkqhkiG9w0BAQEFAASC'.repeat(8).slice(0, length);

describe('masking by shape', () => {
  test.each([
    [`glpat-${random(20)}`, 'glpat-***'],
    [`npm_${random(36)}`, 'npm_***'],
    [`rk_live_${random(24)}`, 'rk_live_***'],
    [`https://hooks.slack.com/services/T0/B0/${random(24)}`, 'https://hooks.slack.com/services/***'],
    [`M${random(23)}.${random(6)}.${random(27)}`, '***'],
    [`bearer ${random(20)}`, 'bearer ***'],
    ['Authorization: Basic dXNlcjpwYXNz', 'Authorization: Basic ***'],
    ['redis://:hunter2-hunter2@cache:6379', 'redis://:***@cache:6379'],
    ['postgres://app:a$b{c}d@db/x', 'postgres://app:***@db/x'],
    [`API_KEY=${random(32)}`, 'API_KEY=***'],
    [`const token =\n  '${random(30)}';`, "const token =\n  '***';"],
  ])('%s', (text, expected) => {
    expect(marked(text)).toBe(expected);
  });

  test.each([
    'A basic configuration, with basic authentication by a bearer authorization.',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: code that is read.
    'const url = `postgres://${user}:${encodeURIComponent(password)}@${host}/db`;',
    'postgres://app:{password}@db, postgres://app:<password>@db, postgres://app:$PASSWORD@db',
    'const refreshToken = previousRefreshTokenV2FromTheHeader;',
    'token = sha256Sum1024OfTheWholeRequest(body)',
    'token: config.tokensOfTheYear2026AndLater2027.first',
    'class="sk-fading-circle sk-fading-circle-container"',
    "pem.replace('-----BEGIN PRIVATE KEY-----', '').replace('-----END PRIVATE KEY-----', '')",
    "const begin = '-----BEGIN PRIVATE KEY-----';\nconst end = '-----END PRIVATE KEY-----';\nexport { begin, end };",
    'Accept `-----BEGIN PRIVATE KEY-----` files.\n\n### Success Criteria\n- all of them\nelse\n',
  ])('leaves text and code as they are: %s', (text) => {
    expect(marked(text)).toBe(text);
  });

  test('a private key is masked line by line, with whatever stands around its lines', () => {
    const text = `a\n  -----BEGIN RSA PRIVATE KEY-----\n  "${key(64)}\\n" +\n  ${key(12)}==\n  -----END RSA PRIVATE KEY-----\nb`;
    expect(marked(text)).toBe(
      'a\n  -----BEGIN RSA PRIVATE KEY----- ***\n  ***\n  ***\n  -----END RSA PRIVATE KEY-----\nb',
    );
    const inline = `{"key":"-----BEGIN PRIVATE KEY-----\\n${key(64)}\\n-----END PRIVATE KEY-----\\n","b":1}`;
    expect(marked(inline)).toBe('{"key":"-----BEGIN PRIVATE KEY----- ***-----END PRIVATE KEY-----\\n","b":1}');
  });

  test('a private key whose end was cut off is masked as far as it goes', () => {
    const text = `[1] -----BEGIN EC PRIVATE KEY-----\n[1] ${key(64)}\n[1] ${key(64)}\n${key(20)}\nnext line`;
    expect(marked(text)).toBe('[1] -----BEGIN EC PRIVATE KEY----- ***\n***\n***\n***\nnext line');
  });

  test('masked text stays as it is, as a whole and line by line', () => {
    const piece = fc.oneof(
      fc.string(),
      fc.constantFrom(
        '\n',
        ' ',
        '-----BEGIN PRIVATE KEY-----',
        '-----END PRIVATE KEY-----',
        key(64),
        key(7),
        `ghp_${random(36)}`,
        'https://a:secret',
        '@host',
        'token = "',
        'password:',
        'Bearer ',
        random(40),
        '***',
      ),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), fc.constantFrom(whole, marked), (pieces, mask) => {
        const text = pieces.join('');
        const masked = mask(text);
        expect(mask(masked)).toBe(masked);
        expect(masked.split('\n').map(mask)).toEqual(masked.split('\n'));
        expect(masked.split('\n')).toHaveLength(text.split('\n').length);
      }),
      { numRuns: 1_000 },
    );
  });

  test.each([
    'sk-',
    'a.',
    'a://',
    'a:b@',
    'token=',
    'token="a1',
    'eyJaaaaaaaa.',
    'M1-',
    'Bearer ',
    'Basic aa',
    '-----BEGIN PRIVATE KEY-----',
    'https://discord.com/api/webhooks/1/',
    'a-----BEGIN A A A A A',
    ' ',
    'a1',
  ])('takes time linear to the text: %j again and again', (piece) => {
    const text = piece.repeat(Math.ceil(1_000_000 / piece.length));
    const began = performance.now();
    marked(text);
    expect(performance.now() - began).toBeLessThan(5_000);
  });
});

describe('naming a secret', () => {
  test('says what a text certainly holds', () => {
    expect(nameSecret(`x sk-ant-api03-${random(60)}`)).toBe('an Anthropic key');
    expect(nameSecret(`x sk-proj-${random(48)}`)).toBe('an OpenAI key');
    expect(nameSecret(`ghp_short, ghp_${random(36)}`)).toBe('a GitHub token');
    expect(nameSecret(`-----BEGIN ${'RSA'} PRIVATE KEY-----`)).toBe('a private key');
  });

  test.each([
    `ghp_${random(30)}`,
    `sk-${random(20)}`,
    `token: "${random(30)}"`,
    `Bearer ${random(30)}`,
    `https://a:${random(9)}@b`,
  ])('says nothing of what is masked to be on the safe side: %s', (text) => {
    expect(marked(text)).not.toBe(text);
    expect(nameSecret(text)).toBeNull();
  });
});
