import { describe, expect, test } from 'vitest';
import { applyReply } from '../apply-reply.ts';
import { memoryFiles } from './memory-files.ts';

const files = memoryFiles({
  'src/a.ts': 'one\n',
  'docs/README.md': '# Kit\n',
  'lib/caf\u0065\u0301.txt': 'decomposed\n',
  link: { mode: '120000', content: '/etc/passwd' },
  'links/out': { mode: '120000', content: '../..' },
  vendored: { mode: '160000' },
});

const codesOf = (reply: string) => {
  const result = applyReply({ reply, files, previous: null });
  return result.ok
    ? result.changeSet.files.map((file) => file.path)
    : result.rejections.map((rejection) => rejection.code);
};
const add = (path: string) =>
  codesOf(`*** Begin Patch\n*** Add File: good.ts\n+x\n*** Add File: ${path}\n+owned\n*** End Patch`);
const block = (path: string) => codesOf(`\`\`\`txt path="${path}"\nowned\n\`\`\``);

/** Each as a path to write: outside the repository, into .git as some file system knows it, or not what it looks like. */
const ATTACKS = [
  '../x',
  'a/../../x',
  'a/../x',
  '..',
  '/etc/cron.d/x',
  '//server/share/x',
  '~/x',
  'C:\\x',
  'C:/x',
  'c:x',
  '..\\x',
  'a\\..\\..\\x',
  'nul\u0000byte',
  'line\u2028separator',
  'bell\u0007',
  'zero\u200bwidth',
  'right\u202eleft.ts',
  '.git/hooks/pre-commit',
  '.git/config',
  '.GIT/config',
  '.Git/HEAD',
  'sub/.git/config',
  '.git',
  '.git./config',
  '.git /config',
  '.git../config',
  'git~1/config',
  'GIT~1/config',
  'git~12/config',
  '.git::$INDEX_ALLOCATION/config',
  '.git:stream',
  '.g\u200cit/config',
  '\uff0egit/config',
  'a/b./c',
  'a/b /c',
  'a/ b',
  'folder/',
  `${'a/'.repeat(2_000)}x`,
  'x'.repeat(300),
  'src/\u0430dmin.ts',
];

describe('a path that could leave the repository or pass for another', () => {
  test.each(ATTACKS)('%j is refused as a new file, and nothing beside it is written', (path) => {
    const codes = add(path);
    expect(codes).not.toContain('good.ts');
    // A path with an invisible line break is cut by the reader before the guard sees it whole.
    expect(['PATH_REJECTED', 'PATH_COLLISION', 'MALFORMED_PATCH']).toContain(codes[0]);
  });

  test.each(ATTACKS)('%j is refused as the target of a move', (path) => {
    const codes = codesOf(
      `*** Begin Patch\n*** Update File: src/a.ts\n*** Move to: ${path}\n@@\n-one\n+two\n*** End Patch`,
    );
    expect(codes).toHaveLength(1);
    expect(codes[0]).toMatch(/^(PATH_REJECTED|PATH_COLLISION)$/);
  });

  test.each(['../x', '.git/config', '/etc/x', 'C:\\x', 'src/../../x'])('%j is refused in the other forms', (path) => {
    expect(block(path)).toEqual(['PATH_REJECTED']);
    expect(codesOf(`*** Begin Patch\n*** Delete File: ${path}\n*** End Patch`)).toEqual(['PATH_REJECTED']);
    expect(codesOf(`*** Begin Patch\n*** Update File: ${path}\n@@\n-one\n+two\n*** End Patch`)).toEqual([
      'PATH_REJECTED',
    ]);
  });
});

describe('what is in the tree', () => {
  test.each([
    ['SRC/a.ts', 'differs from src/a.ts in letter case'],
    ['Src/new.ts', 'lies in a folder that differs in letter case'],
    ['docs/readme.md', 'differs from docs/README.md in letter case'],
    ['src', 'is a folder'],
    ['src/a.ts/b.ts', 'lies below a file'],
  ])('%s is refused, since it %s', (path) => {
    expect(add(path)).toEqual(['PATH_COLLISION']);
  });

  test.each(['link', 'links/out/passwd', 'link/x', 'vendored', 'vendored/x'])(
    '%s is refused, since it is or goes through a link or a submodule',
    (path) => {
      expect(add(path)).toEqual(['MODE_REJECTED']);
    },
  );

  test.each(['link', 'links/out', 'vendored'])('%s is neither updated nor deleted nor moved', (path) => {
    expect(codesOf(`*** Begin Patch\n*** Update File: ${path}\n@@\n-x\n+y\n*** End Patch`)).toEqual(['MODE_REJECTED']);
    expect(codesOf(`*** Begin Patch\n*** Delete File: ${path}\n*** End Patch`)).toEqual(['MODE_REJECTED']);
    expect(codesOf(`*** Begin Patch\n*** Update File: ${path}\n*** Move to: elsewhere\n*** End Patch`)).toEqual([
      'MODE_REJECTED',
    ]);
  });

  test('a name in another Unicode form is the file that is there, under its own name', () => {
    expect(
      codesOf('*** Begin Patch\n*** Update File: lib/caf\u00e9.txt\n@@\n-decomposed\n+composed\n*** End Patch'),
    ).toEqual(['lib/caf\u0065\u0301.txt']);
  });

  const update = (path: string, old = '-one') =>
    codesOf(`*** Begin Patch\n*** Update File: ${path}\n@@\n${old}\n+two\n*** End Patch`);

  test.each([
    ['a.ts', 'lacks its folder'],
    ['repo/src/a.ts', 'has a folder too many'],
    ['b/src/a.ts', 'has the folder of a diff'],
    ['SRC/A.ts', 'is written in another letter case'],
  ])('an update of %s is one of src/a.ts, the only file that fits: it %s', (path) => {
    expect(update(path)).toEqual(['src/a.ts']);
    expect(update(path, '-other line')).toEqual(['NOT_FOUND']);
    // What shows no line of the file could be meant for any.
    expect(update(path, '@@ one')).toEqual(['FILE_NOT_FOUND']);
    expect(codesOf(`*** Begin Patch\n*** Delete File: ${path}\n*** End Patch`)).toEqual(['FILE_NOT_FOUND']);
    expect(
      codesOf(`*** Begin Patch\n*** Update File: ${path}\n*** Move to: c.ts\n@@\n-one\n+two\n*** End Patch`),
    ).toEqual(['FILE_NOT_FOUND']);
  });

  test('a path that two files fit is not guessed, nor one in another folder', () => {
    const reply = '*** Begin Patch\n*** Update File: a.ts\n@@\n-one\n+two\n*** End Patch';
    const twice = memoryFiles({ 'src/a.ts': 'one\n', 'lib/a.ts': 'three\n' });
    expect(applyReply({ reply, files: twice, previous: null })).toMatchObject({
      ok: false,
      rejections: [{ code: 'FILE_NOT_FOUND', problem: expect.stringContaining('src/a.ts, lib/a.ts') }],
    });
    expect(update('lib/a.ts')).toEqual(['FILE_NOT_FOUND']);
  });

  test('the same file under two paths is one conflict, not two updates', () => {
    const body = '@@\n-one\n+two';
    expect(
      codesOf(`*** Begin Patch\n*** Update File: a.ts\n${body}\n*** Update File: src/a.ts\n${body}\n*** End Patch`),
    ).toEqual(['CONFLICTING_EDITS']);
  });

  test('two new files that differ only in letter case are refused', () => {
    expect(codesOf('*** Begin Patch\n*** Add File: New.ts\n+a\n*** Add File: new.ts\n+b\n*** End Patch')).toEqual([
      'PATH_COLLISION',
    ]);
  });

  test('a new file and a file below it are refused', () => {
    expect(codesOf('*** Begin Patch\n*** Add File: n/a\n+a\n*** Add File: n/a/b\n+b\n*** End Patch')).toEqual([
      'PATH_COLLISION',
    ]);
  });

  test('ordinary paths with dots, spaces inside and other alphabets are taken', () => {
    for (const path of [
      '.gitignore',
      '.github/x.yml',
      'a b/c d.txt',
      '日本/ファイル.txt',
      'кот.txt',
      'a..b/...c',
      '@scope/pkg.d.ts',
    ])
      expect(add(path)).toContain(path);
  });
});
