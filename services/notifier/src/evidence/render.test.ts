import { code, plain } from '@orchestrator/shared/text/markdown.ts';
import { describe, expect, test } from 'vitest';
import { SPECIFICATION, verdictOf } from '../../test/judged-run.ts';
import type { Evidence } from './evidence.ts';
import { renderEvidence } from './render.ts';

const HEAD = 'c'.repeat(40);
const evidence = (over: Partial<Evidence> = {}): Evidence => ({
  task: { key: 'greet', title: 'Greet people', body: 'Write **it**.\n```js\nx\n```' },
  repository: { name: 'app' },
  run: { id: 'run-1', round: 2, baseCommit: 'b'.repeat(40) },
  branch: 'ai/greet',
  headCommit: HEAD,
  stat: { files: 2, addedLines: 10, deletedLines: 1 },
  specification: SPECIFICATION,
  verdict: verdictOf(HEAD),
  costs: [
    {
      stage: 'analyze',
      model: 'anthropic/m',
      calls: 1,
      inputTokens: 1_000,
      outputTokens: 200,
      costNanoUsd: 6_000_001n,
    },
    { stage: 'code', model: 'openai/m', calls: 2, inputTokens: 3_000, outputTokens: 400, costNanoUsd: 9_200_000n },
  ],
  ...over,
});

test('holds commands with exit codes, tests before and after, criteria with results, findings and costs', () => {
  const body = renderEvidence(evidence());
  for (const line of [
    '# Greet people',
    '- Passed validation in round 2, executed in bubblewrap, without network',
    '- Cost $0.015200001',
    '| test | `npm test` | 0 | 1.2 s |',
    '| Base | 2 | 0 | 0 |',
    '| This change | 3 | 0 | 0 |',
    '| Greets by name | test/greet.test.js: greets by name | 1 passed |',
    '| Is fast | cannot be shown by a test | no such test ran |',
    '| `policy.size` | warning | `src/greet.js:3` | a large file |',
    '| analyze | `anthropic/m` | 1 | 1000 | 200 | $0.006000001 |',
    '- `test/greet.test.js > greets by name`',
  ]) {
    expect(body.split('\n')).toContain(line);
  }
});

test('says it where nothing was sandboxed, no report was found, or nothing was executed', () => {
  const verdict = verdictOf(HEAD);
  const run = verdict.run as NonNullable<typeof verdict.run>;
  expect(
    renderEvidence(evidence({ verdict: { ...verdict, run: { ...run, sandbox: { tier: 'none', probes: {} } } } })),
  ).toContain('**without a sandbox**');
  expect(
    renderEvidence(evidence({ verdict: { ...verdict, baseTotals: null, run: { ...run, totals: null, tests: null } } })),
  ).toContain('No test report was found');
  expect(renderEvidence(evidence({ verdict: { ...verdict, run: null } }))).toContain('Nothing was executed.');
});

test('stays within what a pull request may hold, whatever the size of the run', () => {
  const verdict = verdictOf(HEAD);
  const findings = Array.from({ length: 5_000 }, (_, index) => ({
    check: 'x',
    code: 'x',
    severity: 'warning' as const,
    message: `${index} ${'long '.repeat(100)}`,
  }));
  const added = Array.from({ length: 5_000 }, (_, index) => `suite > ${'t'.repeat(290)} ${index}`);
  const body = renderEvidence(
    evidence({
      task: { key: 'k', title: 't', body: 'b'.repeat(200_000) },
      verdict: { ...verdict, findings, tests: { ...verdict.tests, added } },
    }),
  );
  expect(body.length).toBeLessThanOrEqual(60_000);
  expect(body).toContain('… and 4950 more.');
  expect(body).toMatch(/Written by the runner[^\n]*\n$/);
});

describe('words of models and tests have no power:', () => {
  test.each([
    ['@octocat and @org/team', '@\u2060octocat and @\u2060org/team'],
    ['[x](https://evil.example) ![i](http://e)', '\\[x\\](https:\u2060//evil.example) \\!\\[i\\](http:\u2060//e)'],
    ['<!-- hidden --><img src=x>', '\\<\\!-- hidden --\\>\\<img src=x\\>'],
    ['a | b', 'a \\| b'],
    ['# heading', '\\# heading'],
    ['- item', '\\- item'],
    ['closes #12', 'closes \\#12'],
    ['one\n\n## two', 'one \\#\\# two'],
    ['\u202egnp.exe\u200b', 'gnp.exe'],
  ])('%j', (text, shown) => {
    expect(plain(text)).toBe(shown);
  });

  test('code cannot end its own span or its table cell', () => {
    expect(code('a`b')).toBe('``a`b``');
    expect(code('`a')).toBe('`` `a ``');
    expect(code('a | b')).toBe('`a \\| b`');
  });

  test('the task cannot end its own block', () => {
    const body = renderEvidence(evidence({ task: { key: 'k', title: 't', body: '```\n````\nout' } }));
    expect(body).toContain('`````text\n```\n````\nout\n`````');
  });
});

test('shows what was suppressed, by whom and why, and which packs of rules looked', () => {
  const finding = {
    check: 'policy.rules',
    code: 'folia/teleport',
    severity: 'error' as const,
    message: 'Use teleportAsync.',
    file: 'src/Homes.java',
    line: 7,
  };
  const body = renderEvidence(
    evidence({
      verdict: {
        ...verdictOf(HEAD),
        suppressed: [{ finding, by: 'comment', reason: 'runs on Paper only' }],
        packs: [{ id: 'folia', why: 'detected by plugin.yml' }],
      },
    }),
  );
  expect(body).toContain(
    '| `folia/teleport` | `src/Homes.java:7` | Use teleportAsync. | comment | runs on Paper only |',
  );
  expect(body).toContain('Packs of rules that looked: `folia` (detected by plugin.yml).');
});
