import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type FileLesson, parseLessons, renderLessons } from './format.ts';

const lesson = (text: string, over: Partial<FileLesson> = {}): FileLesson => ({
  ref: null,
  text,
  scope: { paths: [] },
  ...over,
});

describe('the file of lessons', () => {
  test('reads like a list below headings that say where each holds', () => {
    const file = renderLessons([
      lesson('Close pools.', { ref: '1a2b3c4d', scope: { language: 'java', paths: ['src/db'] } }),
      lesson('Use the logger.'),
      lesson('Be brief.', { scope: { module: 'core', language: 'java', paths: [] } }),
    ]);
    expect(file.slice(file.indexOf('## '))).toBe(
      [
        '## Everywhere\n\n- Use the logger.\n',
        '## For language `java`\n\n- Close pools. <!-- lesson: 1a2b3c4d, paths: ["src/db"] -->\n',
        '## For module `core`, language `java`\n\n- Be brief.\n',
      ].join('\n'),
    );
  });

  test('can be written by people as they like', () => {
    const file = [
      '# Ours',
      'Some words.',
      '* first',
      '  goes on',
      '',
      '  not any more',
      '## Style ##',
      '+ Anywhere <b>',
      '## for Language `go`',
      '- In Go  <!--lesson: ABCDEF01-->',
      '- In Go  <!-- lesson: abcdef01 -->',
      '- a note of theirs <!-- see #12 -->',
      '',
      '-no item',
      '- ',
    ].join('\r\n');
    expect(parseLessons(file)).toEqual([
      lesson('first goes on'),
      lesson('Anywhere <b>'),
      lesson('In Go', { ref: 'abcdef01', scope: { language: 'go', paths: [] } }),
      lesson('a note of theirs <!-- see #12 -->', { scope: { language: 'go', paths: [] } }),
    ]);
  });

  const word = fc.oneof(
    fc.constantFrom('<!--', '-->', '&lt;', '&amp;lt;', '`', '#', '- x', '<!-- lesson: 1a2b3c4d -->', '["a"]', '\u202e'),
    fc.string({ unit: 'grapheme', maxLength: 12 }),
  );
  const text = fc.array(word, { maxLength: 60 }).map((words) => words.join(' '));
  const name = fc.option(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 }), { nil: undefined });
  const anyLesson = fc.record({
    ref: fc.option(fc.stringMatching(/^[0-9a-f]{8}$/), { nil: null }),
    text,
    scope: fc
      .record({ module: name, language: name, paths: fc.array(fc.string({ unit: 'grapheme' }), { maxLength: 3 }) })
      .map(({ module, language, paths }) => ({
        ...(module === undefined ? {} : { module }),
        ...(language === undefined ? {} : { language }),
        paths,
      })),
  });

  test('whatever lessons say, it is read as it was written, and written again the same', () => {
    fc.assert(
      fc.property(fc.array(anyLesson, { maxLength: 12 }), (lessons) => {
        const file = renderLessons(lessons);
        const read = parseLessons(file);
        expect(renderLessons(read)).toBe(file);
        expect(parseLessons(renderLessons(read))).toEqual(read);
        expect(new Set(read.map(({ text: words }) => words)).has('')).toBe(false);
        expect(file.split('\n').filter((line) => line.startsWith('- '))).toHaveLength(read.length);
      }),
      { numRuns: 500 },
    );
  });

  test('no file breaks it', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(word, fc.constantFrom('\n', '\n- ', '\n## For module `')), { maxLength: 40 }),
        (parts) => {
          const read = parseLessons(parts.join(''));
          expect(parseLessons(renderLessons(read)).length).toBe(read.length);
        },
      ),
      { numRuns: 500 },
    );
  });
});
