import { describe, expect, it } from 'vitest';
import { AppError } from '../errors/app-error.ts';
import { loadConfig, parseConfig } from './load.ts';
import type { ConfigProblem } from './problem.ts';

const problemsOf = (text: string): ConfigProblem[] => {
  try {
    parseConfig(text, 'orchestrator.yaml');
  } catch (error) {
    if (error instanceof AppError && error.code === 'CONFIG_INVALID') return error.detail.problems as ConfigProblem[];
    throw error;
  }
  return [];
};

const brief = (text: string): string[] => problemsOf(text).map((p) => `${p.line}:${p.column} ${p.field} ${p.problem}`);

describe('parseConfig', () => {
  it('gives the defaults for an empty file, a comment, and sections without keys', () => {
    const defaults = parseConfig('', 'x');

    expect(parseConfig('# nothing here\n', 'x')).toEqual(defaults);
    expect(parseConfig('publish:\nmodels:\n  coder:\n  # model: openai/gpt-4.1\n', 'x')).toEqual(defaults);
    expect(defaults.budget.phases.map(({ limit, every }) => ({ limit, every }))).toEqual([
      { limit: { total: 30_000_000_000n }, every: 1_800_000 },
      { limit: { perDay: 500_000_000n }, every: 12_600_000 },
    ]);
  });

  it('names every problem at once with line and column', () => {
    const text = [
      'budget:',
      '  phases:',
      '    - name: a',
      '      limit: {total: abc}',
      '      every: 3x',
      '    - {name: b, limit: {total: 1, perDay: 2}}',
      'pipeline: {maxRounds: 99, tasksPerTick: two}',
      'models: [1]',
    ].join('\n');

    expect(brief(text)).toEqual([
      '4:22 budget.phases[0].limit.total "abc" is not an amount in dollars such as 0.50',
      '5:14 budget.phases[0].every "3x" is not a length of time such as 30m or 3h30m',
      '6:24 budget.phases[1].limit must hold exactly one of total and perDay',
      '7:23 pipeline.maxRounds must be at most 20, not 99',
      '7:41 pipeline.tasksPerTick must be a number, not the text "two"',
      '8:9 models must be a section of keys, not a list',
    ]);
  });

  it.each([
    ['budget: {alertPercnts: [80]}', 'budget.alertPercnts', 'Did you mean alertPercents?'],
    ['maxRounds: 2', 'maxRounds', 'It belongs in pipeline.maxRounds.'],
    [
      'pipeline: {weather: 1}',
      'pipeline.weather',
      'Remove it. Known keys here: maxRounds, tasksPerTick, maxEditRetries, maxErrors.',
    ],
    ['notify: {events: [run.publshed]}', 'notify.events[0]', 'Did you mean run.published?'],
    ['__proto__: {a: 1}', '__proto__', expect.stringContaining('Remove it.')],
  ])('says what was probably meant by %s', (text, field, fix) => {
    expect(problemsOf(text)).toMatchObject([{ field, fix }]);
  });

  it('refuses an open phase before the last, and two phases of one name', () => {
    const text = 'budget:\n  phases:\n    - {name: a, limit: {total: 1}}\n    - {name: a, limit: {perDay: 1}}\n';

    expect(brief(text)).toEqual([
      '3:7 budget.phases[0] needs days: only the last phase may be open',
      '4:14 budget.phases[1].name "a" is the name of an earlier phase',
    ]);
  });

  it.each([
    ['a: [', 1],
    ['a: 1\na: 2\n', 2],
    ['x: &a [1]\ny: [*b]\n', 1],
    ['- 1\n', 1],
    ['just words', 1],
    [`${'a'.repeat(300_000)}: 1`, 1],
  ])('points at the line of what is no configuration at all', (text, line) => {
    expect(problemsOf(text)[0]).toMatchObject({ line, file: 'orchestrator.yaml' });
  });

  it('stops an alias bomb', () => {
    const bomb = `a: &a [x,x,x,x,x,x,x,x,x]\n${'bcdefgh'
      .split('')
      .map((c, i) => `${c}: &${c} [${Array(9).fill(`*${'abcdefg'[i]}`).join(',')}]`)
      .join('\n')}\n`;

    expect(problemsOf(bomb)[0]?.problem).toContain('alias');
  });

  it('reads money exactly, whether it is written as number or text', () => {
    const limits = (text: string) =>
      parseConfig(`budget: {phases: [{name: a, limit: {perDay: ${text}}}]}`, 'x').budget.phases[0]?.limit;

    expect(limits('0.1')).toEqual({ perDay: 100_000_000n });
    expect(limits('"0.123456789"')).toEqual({ perDay: 123_456_789n });
    expect(limits('1e-9')).toEqual({ perDay: 1n });
    expect(limits('"$30"')).toEqual({ perDay: 30_000_000_000n });
    expect(() => limits('-1')).toThrow('is not an amount');
    expect(() => limits('.nan')).toThrow('budget.phases[0].limit.perDay');
  });
});

describe('loadConfig', () => {
  it("lays the operator's file over the repository's, key by key, and says where each value came from", () => {
    const { config, sources } = loadConfig({
      repoText: 'pipeline:\n  maxRounds: 4\n  maxErrors: 2\nvalidate:\n  protectedPaths: [a, b]\n',
      repoFile: 'orchestrator.yaml',
      operatorText: '# mine\npipeline:\n  maxRounds: 2\nvalidate: {protectedPaths: [c]}\n',
      operatorFile: '/home/orchestrator.yaml',
    });

    expect(config.pipeline).toMatchObject({ maxRounds: 2, maxErrors: 2, tasksPerTick: 1 });
    expect(config.validate.protectedPaths).toEqual(['c']);
    expect(sources.get('pipeline.maxRounds')).toBe('/home/orchestrator.yaml:3');
    expect(sources.get('pipeline.maxErrors')).toBe('orchestrator.yaml:3');
    expect(sources.get('validate.protectedPaths')).toBe('/home/orchestrator.yaml:4');
    expect(sources.get('pipeline.tasksPerTick')).toBe('default');
  });

  it('reports the problems of both files together', () => {
    const load = () =>
      loadConfig({ repoText: 'foo: 1', repoFile: 'a.yaml', operatorText: 'bar: 1', operatorFile: 'b.yaml' });

    expect(load).toThrow(/^a\.yaml:1:1: foo .*\nb\.yaml:1:1: bar /);
  });
});
