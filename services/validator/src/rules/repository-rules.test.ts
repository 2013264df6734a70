import { join } from 'node:path';
import type { Mirror } from '@orchestrator/shared/repo/mirror.ts';
import { openMirror } from '@orchestrator/shared/repo/open-mirror.ts';
import { createRepository, temporaryFolder } from '@orchestrator/testkit/git/test-repository.ts';
import pino from 'pino';
import { afterEach, describe, expect, test } from 'vitest';
import { repositoryRules } from './repository-rules.ts';

const RULE = `id: no-console
severity: warning
message: The program prints.
fix: Use the logger.
match:
  - languages: [javascript, typescript]
    rule:
      pattern: console.log($$$)
examples:
  bad:
    - { language: javascript, code: console.log(1) }
  good:
    - { language: typescript, code: log.info(1) }
`;
const folder = temporaryFolder();
afterEach(() => folder.remove());
let count = 0;

async function rulesOf(files: Record<string, string>) {
  const repository = createRepository(join(folder.path, `target-${++count}`));
  const commit = repository.commit({ 'README.md': 'x', ...files });
  const mirror: Mirror = await openMirror({
    repo: repository.path,
    home: join(folder.path, `home-${count}`),
    log: pino({ level: 'silent' }),
  });
  return repositoryRules(mirror, commit, new AbortController().signal);
}

test('a repository brings rules of its own', async () => {
  expect(await rulesOf({ '.orchestrator/rules/no-console.yml': RULE })).toMatchObject([
    { name: 'repository/no-console', pack: 'repository', severity: 'warning' },
  ]);
  expect(await rulesOf({})).toEqual([]);
});

describe('a rule that is wrong is named with file, line and field', () => {
  test.each<[string, string, string]>([
    ['broken YAML', 'id: [', 'rules/a.yml:'],
    ['an unknown field', RULE.replace('fix:', 'fixx:'), 'a.yml:4:1: fixx is not a known field. Did you mean fix?'],
    ['a missing field', RULE.replace('message: The program prints.\n', ''), 'message is missing'],
    ['another severity', RULE.replace('warning', 'fatal'), 'a.yml:2:11: severity must be one of error, warning'],
    ['an unknown language', RULE.replace('typescript]', 'cobol]'), 'match[0].languages[1] must be one of'],
    [
      'a rule that ast-grep does not take',
      RULE.replace('pattern: console.log($$$)', 'kind: nonsense'),
      'a.yml:8:7: match[0].rule is not taken by ast-grep: `rule` is not configured correctly.',
    ],
    [
      'a misspelt key of ast-grep',
      RULE.replace('pattern:', 'patern:'),
      'match[0].rule is not taken by ast-grep: unknown field `patern`',
    ],
    [
      'a bad example that is not found',
      RULE.replace('code: console.log(1)', 'code: alert(1)'),
      'examples.bad[0] is not found by the rule',
    ],
    [
      'a good example that is found',
      RULE.replace('log.info(1)', 'console.log(1)'),
      'a.yml:13:7: examples.good[0] is found by the rule',
    ],
  ])('%s', async (_what, text, expected) => {
    await expect(rulesOf({ '.orchestrator/rules/a.yml': text })).rejects.toMatchObject({
      code: 'RULES_INVALID',
      message: expect.stringContaining(expected),
    });
  });
  test('an id that two files have', async () => {
    await expect(
      rulesOf({ '.orchestrator/rules/a.yml': RULE, '.orchestrator/rules/b.yml': RULE }),
    ).rejects.toMatchObject({
      message: expect.stringContaining('b.yml:1:5: id is the id of .orchestrator/rules/a.yml too'),
    });
  });
});
