import { describe, expect, test } from 'vitest';
import { applyReply } from '../apply-reply.ts';
import { SECRET_MASK } from '../text/secret-mask.ts';
import { GUARD_LIMITS, type GuardLimits } from './limits.ts';
import { memoryFiles } from './memory-files.ts';

const patch = (path: string, body: string) => `*** Begin Patch\n*** Update File: ${path}\n${body}\n*** End Patch`;

/** What a reply makes of one file: its new bytes, or the codes of the refusals. */
function edit(content: string | Buffer, body: string, limits: GuardLimits = GUARD_LIMITS) {
  const result = applyReply({
    reply: patch('f.txt', body),
    files: memoryFiles({ 'f.txt': content }),
    previous: null,
    limits,
  });
  if (!result.ok) return result.rejections.map((rejection) => rejection.code);
  const [file] = result.changeSet.files;
  return file?.op === 'write' ? Buffer.from(file.contentBase64, 'base64').toString('utf8') : file;
}

describe('line endings, BOM and the end of the file', () => {
  test.each([
    ['CRLF stays CRLF', 'a\r\nb\r\nc\r\n', '@@\n a\n-b\n+x\n+y', 'a\r\nx\r\ny\r\nc\r\n'],
    ['a new line takes the ending of the line that it replaces', 'a\nb\r\nc\n', '@@\n a\n-b\n+x', 'a\nx\r\nc\n'],
    ['a new line takes the ending of the line before it', 'a\r\nb\nc\n', '@@\n a\n+x\n b', 'a\r\nx\r\nb\nc\n'],
    ['a kept line keeps its own ending', 'a\nb\r\nc\nd\r\n', '@@\n a\n b\n-c\n+x\n d', 'a\nb\r\nx\nd\r\n'],
    ['old Mac line ends stay', 'a\rb\rc\r', '@@\n a\n-b\n+x', 'a\rx\rc\r'],
    ['no final newline stays none', 'a\nb', '@@\n a\n-b\n+x', 'a\nx'],
    ['a line added behind the last one ends as it did', 'a\r\nb', '@@\n b\n+c\n*** End of File', 'a\r\nb\r\nc'],
    ['a BOM stays when the first line changes', '\uFEFFa\nb\n', '@@\n-a\n+x', '\uFEFFx\nb\n'],
    ['trailing blanks of kept lines stay', 'a  \nb\n', '@@\n a\n-b\n+x', 'a  \nx\n'],
    ['curly quotes of kept lines stay', '“a”\nb\n', '@@\n "a"\n-b\n+x', '“a”\nx\n'],
    ['emoji stay', '👩‍👩‍👧\nb\n', '@@\n 👩‍👩‍👧\n-b\n+x', '👩‍👩‍👧\nx\n'],
    ['deleting every line leaves an empty file', 'a\nb\n', '@@\n-a\n-b', ''],
  ])('%s', (_, before, body, after) => {
    expect(edit(before, body)).toBe(after);
  });

  test('a whole file takes over the BOM, the line endings and the missing final newline', () => {
    const files = memoryFiles({ 'f.txt': '\uFEFFa\r\nb' });
    const result = applyReply({ reply: 'f.txt\n```\nx\ny\n```', files, previous: null });
    expect(result.ok && result.changeSet.files).toMatchObject([
      { contentBase64: Buffer.from('\uFEFFx\r\ny').toString('base64') },
    ]);
  });

  test('a whole file keeps the endings of the lines that it shares with a mixed one', () => {
    const files = memoryFiles({ 'f.txt': 'a\nb\r\nc\nd\n' });
    const result = applyReply({ reply: 'f.txt\n```\na\nb\nx\nd\n```', files, previous: null });
    expect(result.ok && result.changeSet.files).toMatchObject([
      { contentBase64: Buffer.from('a\nb\r\nx\nd\n').toString('base64') },
    ]);
  });
});

describe('files that are not edited as text', () => {
  test.each([
    ['a binary file', Buffer.from([0x89, 0x50, 0x4e, 0x47, 0, 1, 2, 3]), 'BINARY_FILE'],
    ['UTF-16', Buffer.from('\uFEFFhello\n', 'utf16le'), 'BINARY_FILE'],
    ['Latin-1', Buffer.from('caf\u00e9\n', 'latin1'), 'ENCODING_UNSUPPORTED'],
  ])('%s is refused, by a patch and as a whole', (_, bytes, code) => {
    expect(edit(bytes, '@@\n-hello\n+x')).toEqual([code]);
    const whole = applyReply({
      reply: 'f.txt\n```\nhello\n```',
      files: memoryFiles({ 'f.txt': bytes }),
      previous: null,
    });
    expect(!whole.ok && whole.rejections[0]?.code).toBe(code);
  });
});

describe('modes', () => {
  const files = memoryFiles({ 'run.sh': { mode: '100755', content: 'one\n' }, 'a.txt': 'one\n' });
  test('an executable stays one, also when it moves, and a new file never is one', () => {
    const reply =
      '*** Begin Patch\n*** Update File: run.sh\n*** Move to: bin/run.sh\n@@\n-one\n+two\n*** Add File: new.sh\n+#!/bin/sh\n*** Update File: a.txt\n@@\n-one\n+two\n*** End Patch';
    const result = applyReply({ reply, files, previous: null });
    expect(result.ok && result.changeSet.files).toMatchObject([
      { path: 'a.txt', mode: '100644' },
      { path: 'bin/run.sh', mode: '100755' },
      { path: 'new.sh', mode: '100644' },
      { path: 'run.sh', op: 'delete' },
    ]);
  });
});

describe('later rounds', () => {
  const files = memoryFiles({ 'a.txt': 'one\ntwo\n', 'gone.txt': 'x\n' });
  const first = applyReply({
    reply: `${patch('a.txt', '@@\n-one\n+1')}\n*** Begin Patch\n*** Add File: new.txt\n+n\n*** Delete File: gone.txt\n*** End Patch`,
    files,
    previous: null,
  });
  if (!first.ok) throw new Error('the first round was rejected');
  const again = (reply: string) => applyReply({ reply, files, previous: first.changeSet });

  test('build on the earlier change and stay relative to the base', () => {
    const result = again(patch('a.txt', '@@\n 1\n-two\n+2'));
    expect(result.ok && result.changeSet.files).toEqual([
      { op: 'write', path: 'a.txt', mode: '100644', contentBase64: Buffer.from('1\n2\n').toString('base64') },
      { op: 'delete', path: 'gone.txt' },
      { op: 'write', path: 'new.txt', mode: '100644', contentBase64: Buffer.from('n\n').toString('base64') },
    ]);
  });

  test('drop what is written back to the base', () => {
    const result = again(`${patch('a.txt', '@@\n-1\n+one')}\n*** Begin Patch\n*** Delete File: new.txt\n*** End Patch`);
    expect(result.ok && result.changeSet.files).toEqual([{ op: 'delete', path: 'gone.txt' }]);
  });

  test('may make a file anew that an earlier round added', () => {
    const result = again('*** Begin Patch\n*** Add File: new.txt\n+other\n*** End Patch');
    expect(result.ok && result.changeSet.files).toHaveLength(3);
  });

  test('do not see what an earlier round deleted', () => {
    const result = again(patch('gone.txt', '@@\n-x\n+y'));
    expect(!result.ok && result.rejections[0]?.code).toBe('FILE_NOT_FOUND');
  });

  test('refuse to leave everything as it was', () => {
    const result = again('new.txt\n```\nn\n```');
    expect(!result.ok && result.rejections[0]?.code).toBe('SAME_CHANGE');
  });

  test('refuse a change set of another base', () => {
    const result = applyReply({
      reply: patch('a.txt', '@@\n-one\n+1'),
      files,
      previous: { ...first.changeSet, baseCommit: 'b'.repeat(40) },
    });
    expect(!result.ok && result.rejections[0]?.code).toBe('STALE_BASE');
  });
});

describe('what may not be written', () => {
  test.each([
    ['bidirectional controls', 'let a = "\u202E";', 'FORBIDDEN_CHARACTER'],
    ['a NUL', 'a\u0000b', 'FORBIDDEN_CHARACTER'],
    ['half a surrogate pair', 'a\uD800b', 'FORBIDDEN_CHARACTER'],
    ['a masked secret', `key = "${SECRET_MASK}"`, 'MASKED_SECRET'],
    ['a line without end', 'x'.repeat(70_000), 'TOO_LARGE'],
  ])('%s', (_, text, code) => {
    expect(edit('one\n', `@@\n-one\n+${text}`)).toEqual([code]);
    const whole = applyReply({ reply: `new.txt\n\`\`\`\n${text}\n\`\`\``, files: memoryFiles({}), previous: null });
    expect(!whole.ok && whole.rejections[0]?.code).toBe(code);
  });

  test('a line with a secret can be quoted as it was shown, and keeps the secret', () => {
    const secret = `key = "sk-proj-${'a1B2'.repeat(8)}"`;
    expect(edit(`${secret}\nb\n`, `@@\n key = "${SECRET_MASK}"\n-b\n+x`)).toBe(`${secret}\nx\n`);
  });

  test('the lines that a refusal names hold no secret', () => {
    const key = `sk-proj-${'a1B2'.repeat(8)}`;
    const body = ['-----BEGIN PRIVATE KEY-----', 'MIIEvQIBADANBg', 'kqhkiG9w0BAQEF', '-----END PRIVATE KEY-----'];
    const files = memoryFiles({ 'f.txt': `first line here\nkey = "${key}"\n${body.join('\n')}\nlast line here\n` });
    const result = applyReply({
      reply: patch('f.txt', '@@\n first line here\n key = 1\n-kqhkiG9w0BAQEF\n-last line here'),
      files,
      previous: null,
    });
    const text = JSON.stringify(result);
    expect(text).toContain('first line here');
    expect(text).not.toMatch(/sk-proj|MIIEvQ|kqhkiG/);
  });
});

describe('limits', () => {
  const small: GuardLimits = {
    maxReplyBytes: 2_000,
    maxFiles: 2,
    maxHunks: 3,
    maxFileBytes: 100,
    maxFileLines: 10,
    maxLineBytes: 50,
    maxTotalBytes: 120,
  };
  const adds = (count: number, line: string) =>
    `*** Begin Patch\n${Array.from({ length: count }, (_, i) => `*** Add File: n${i}\n+${line}`).join('\n')}\n*** End Patch`;
  test.each([
    ['the reply', adds(1, 'x') + ' '.repeat(2_000)],
    ['the number of files', adds(3, 'x')],
    ['the number of edits', adds(4, 'x')],
    ['one line', adds(1, 'x'.repeat(51))],
    ['the lines of one file', `*** Begin Patch\n*** Add File: n\n${'+x\n'.repeat(11)}*** End Patch`],
    ['the bytes of one file', `*** Begin Patch\n*** Add File: n\n${`+${'x'.repeat(40)}\n`.repeat(3)}*** End Patch`],
    [
      'the bytes of all files',
      `*** Begin Patch\n*** Add File: a\n${`+${'x'.repeat(40)}\n`.repeat(2)}*** Add File: b\n${`+${'x'.repeat(40)}\n`.repeat(2)}*** End Patch`,
    ],
  ])('%s', (_, reply) => {
    const result = applyReply({ reply, files: memoryFiles({}), previous: null, limits: small });
    expect(!result.ok && result.rejections[0]?.code).toBe('TOO_LARGE');
  });

  test('a file beyond them is not edited', () => {
    expect(edit('x\n'.repeat(11), '@@\n-y\n+z', small)).toEqual(['TOO_LARGE']);
    expect(edit('x'.repeat(101), '@@\n-y\n+z', small)).toEqual(['TOO_LARGE']);
  });
});

describe('a whole file that is an excerpt', () => {
  const long = `${Array.from({ length: 60 }, (_, i) => `line ${i};`).join('\n')}\n`;
  test('is refused instead of cutting the file', () => {
    const result = applyReply({
      reply: 'f.ts\n```ts\nline 3;\nline 4, changed;\n```',
      files: memoryFiles({ 'f.ts': long }),
      previous: null,
    });
    expect(!result.ok && result.rejections[0]?.code).toBe('WHOLE_FILE_SHRINKS');
  });
});

describe('a refusal', () => {
  const text = 'function one() {\n  return compute(1);\n}\n\nfunction two() {\n  return compute(2);\n}\n';
  const refusal = (body: string) => {
    const result = applyReply({ reply: patch('f.ts', body), files: memoryFiles({ 'f.ts': text }), previous: null });
    if (result.ok) throw new Error('applied');
    return result.rejections[0];
  };

  test('names the places that an ambiguous hunk could mean', () => {
    const rejection = refusal('@@\n }\n+// end');
    expect(rejection?.problem).toContain('2 places (from line 3, 7)');
    expect(rejection?.nearest.map((line) => line.line)).toEqual([2, 3, 4, 6, 7]);
  });

  test('shows the lines that a hunk with a wrong line probably means', () => {
    const rejection = refusal('@@\n function two() {\n-  return calculate(2);\n+  return 2;\n }');
    expect(rejection?.nearest).toContainEqual({ line: 6, text: '  return compute(2);' });
  });

  test('finds a similar line where none is equal', () => {
    expect(refusal('@@\n-  return compute(2 );\n+  return 2;')?.nearest).toContainEqual({
      line: 6,
      text: '  return compute(2);',
    });
  });
});

describe('large input', () => {
  test('200 hunks in a file of 50,000 lines are applied, each in its place', () => {
    const lines = Array.from({ length: 50_000 }, (_, i) => `const value${i} = ${i};`);
    const hunks = Array.from({ length: 200 }, (_, i) => {
      const at = i * 250 + 1;
      return `@@\n ${lines[at - 1]}\n-${lines[at]}\n+changed ${i}\n ${lines[at + 1]}`;
    });
    const expected = lines.map((line, i) => (i % 250 === 1 ? `changed ${(i - 1) / 250}` : line));
    expect(edit(`${lines.join('\n')}\n`, hunks.join('\n'))).toBe(`${expected.join('\n')}\n`);
  });

  test('a hunk of 200 equal lines in a file of 50,000 equal lines is ambiguous', () => {
    expect(edit('same\n'.repeat(50_000), `@@\n${' same\n'.repeat(200)}+x`)).toEqual(['AMBIGUOUS']);
  });

  test('200 hunks that almost fit a file of 50,000 equal lines are refused', () => {
    const hunk = `@@\n${' same\n'.repeat(100)}-other\n`;
    expect(edit('same\n'.repeat(50_000), hunk.repeat(200).trimEnd())).toHaveLength(200);
  });
});
