import { OrchestratorConfig } from '@orchestrator/shared/config/schema.ts';
import type { Finding } from '@orchestrator/shared/contracts/verdict.ts';
import { expect, test } from 'vitest';
import { checkInput } from '../test/check-input.ts';
import { sift } from './suppressions.ts';

const finding = (line: number, code = 'folia/teleport'): Finding => ({
  check: 'policy.rules',
  code,
  severity: 'error',
  message: 'It is wrong.',
  file: 'A.java',
  line,
});
const settings = (validate: object = {}) => OrchestratorConfig.parse({ validate }).validate;
const COMMENT = '// orchestrator-ignore folia/teleport: runs on Paper only';

function sifted(before: string | null, after: string, findings: Finding[], validate: object = {}) {
  const { written } = checkInput(before === null ? {} : { 'A.java': before }, { 'A.java': after });
  return sift(findings, written, settings(validate));
}

test('the configuration suppresses by check, code or rule, within files, and the reason is kept', () => {
  const suppress = [{ finding: 'folia/*', files: ['A.*'], reason: 'Paper only' }];
  expect(sifted(null, 'x', [finding(1), finding(1, 'java-21/finalizer')], { suppress })).toMatchObject({
    findings: [{ code: 'java-21/finalizer' }],
    suppressed: [{ finding: { code: 'folia/teleport' }, by: 'configuration', reason: 'Paper only' }],
  });
  expect(
    sifted(null, 'x', [finding(1)], { suppress: [{ finding: 'folia/*', files: ['B.*'], reason: 'x' }] }).suppressed,
  ).toEqual([]);
  expect(sifted(null, 'x', [finding(1)], { suppress: [{ finding: 'rules', reason: 'x' }] }).findings).toEqual([]);
});

test('a comment of the base commit suppresses the line below it, or its own', () => {
  const text = `a\n${COMMENT}\nteleport();\n`;
  expect(sifted(text, `${text}b\n`, [finding(3)])).toMatchObject({
    findings: [],
    suppressed: [{ by: 'comment', reason: 'runs on Paper only' }],
  });
  expect(sifted(text, text, [finding(2)]).findings).toEqual([]);
  expect(sifted(text, text, [finding(1)]).findings).toHaveLength(1);
  expect(sifted(text, text, [finding(3, 'folia/scoreboard')]).findings).toHaveLength(1);
  const whole = text.replace('ignore', 'ignore-file');
  expect(sifted(whole, whole, [finding(1)]).findings).toEqual([]);
});

test('a comment without a reason suppresses nothing', () => {
  const text = 'a\n// orchestrator-ignore folia/teleport\nteleport();\n';
  expect(sifted(text, text, [finding(3)]).findings).toHaveLength(1);
});

test('a change does not excuse itself, unless the configuration lets it', () => {
  const after = `a\n${COMMENT}\nteleport();\n`;
  expect(sifted('a\n', after, [finding(3)]).findings).toMatchObject([
    { message: expect.stringContaining('only comments of the base commit count') },
  ]);
  expect(sifted('a\n', after, [finding(3)], { newSuppressions: 'allow' }).findings).toEqual([]);
});
