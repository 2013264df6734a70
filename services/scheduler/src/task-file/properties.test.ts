import fc from 'fast-check';
import { fromMarkdown } from 'mdast-util-from-markdown';
import { describe, expect, it } from 'vitest';
import { htmlComments, inlineComments } from './comments.ts';
import { parseTaskFile } from './parse-task-file.ts';
import { MAX_TASK_CHARACTERS } from './read-entry.ts';

/** Pieces of which task files, and broken ones, are made. */
const piece = fc.oneof(
  fc.constantFrom(
    ...[
      '## Task: One\n',
      '## Task: Two <!-- TASK_ID: two -->\n',
      '## Task:\n',
      '# Other\n',
      '### Overview\n',
      '### Success Criteria\n',
      '### Related Documentation\n',
    ],
    ...[
      '<!-- TASK_ID: one -->\n',
      '<!-- TASK_ID: one',
      '-->',
      '<!--',
      '<!-- TASK_PRIORITY: hgih -->\n',
      '<!-- TASK_DEPENDS_ON: one, two -->\n',
      '<!-- TASK_BUDGET_USD: 1e9 -->',
    ],
    ...[
      '```\n',
      '~~~~ md\n',
      '`',
      '``',
      '- [ ] box\n',
      '- [x] box <!-- TASK_ID: box -->\n',
      '  - [ ] inner\n',
      '* item\n',
      '1. item\n',
      '> quote\n',
      '    code\n',
      '\t',
    ],
    ...[
      '<div>\n',
      '</div>\n',
      '<script>\n',
      '---\n',
      '===\n',
      '[a](../../b.md)',
      '[a]: b\n',
      '\\',
      '\r\n',
      '\r',
      '\n',
      '\n\n',
      '\uFEFF',
      '\0',
      '\u2028',
      ' ',
      'docs/a.md ',
      '\uD800',
    ],
  ),
  fc.string({ maxLength: 12, unit: 'grapheme' }),
);
const text = fc.array(piece, { maxLength: 40 }).map((pieces) => pieces.join(''));

describe('any text', () => {
  it('is read without a throw, with places inside the file and ids that occur once', () => {
    fc.assert(
      fc.property(text, (source) => {
        const { tasks, problems, keys } = parseTaskFile(source, 'docs/T.md');
        const lines = source.replace(/\r\n?/g, '\n').split('\n').length;
        for (const { line } of [...tasks, ...problems]) {
          expect(line).toBeGreaterThanOrEqual(1);
          expect(line).toBeLessThanOrEqual(lines);
        }
        for (const { column = 1 } of problems) expect(column).toBeGreaterThanOrEqual(1);
        const ids = tasks.map(({ key }) => key.toLowerCase());
        expect(new Set(ids).size).toBe(ids.length);
        expect(keys).toEqual(expect.arrayContaining(tasks.map(({ key }) => key)));
        for (const task of tasks) {
          expect(task.key).toMatch(/^[A-Za-z0-9][A-Za-z0-9._-]*$/);
          expect(task.title).not.toBe('');
          expect(`${task.title}${task.body}`).not.toMatch(/[\0\r]/);
          expect(task.body.length).toBeLessThanOrEqual(MAX_TASK_CHARACTERS);
        }
        // No task is both run and reported.
        const repeated = problems.filter(({ code }) => /^(?:ID_DUPLICATE|TITLE_REPEATED)$/.test(code));
        const reported = new Set(problems.map(({ task = '' }) => task));
        for (const { task = '' } of repeated) reported.delete(task);
        expect(tasks.filter(({ key }) => reported.has(key))).toEqual([]);
      }),
      { numRuns: 1_500 },
    );
  });

  it('has the same tasks when it is read again', () => {
    fc.assert(
      fc.property(text, (source) => {
        expect(parseTaskFile(source, 'docs/T.md')).toEqual(parseTaskFile(source, 'docs/T.md'));
      }),
      { numRuns: 200 },
    );
  });
});

const word = fc.stringMatching(/^[a-z]{1,10}$/);
const bodies = fc.array(
  fc.array(word, { minLength: 1, maxLength: 8 }).map((words) => words.join('\n')),
  { minLength: 2, maxLength: 8 },
);
const fileOf = (texts: readonly string[]) =>
  texts.map((body, i) => `## Task: T${i}\n<!-- TASK_ID: t${i} -->\n\n${body}\n`).join('\n');
const hashes = (source: string) =>
  new Map(parseTaskFile(source, 'f').tasks.map(({ key, textHash }) => [key, textHash]));

describe('the hash of a task', () => {
  it('changes with its own text and with no other', () => {
    fc.assert(
      fc.property(bodies, fc.nat(), word, (texts, pick, added) => {
        const at = pick % texts.length;
        const before = hashes(fileOf(texts));
        const after = hashes(fileOf(texts.map((body, i) => (i === at ? `${body} ${added}` : body))));
        expect([...after].filter(([key, hash]) => before.get(key) !== hash).map(([key]) => key)).toEqual([`t${at}`]);
      }),
    );
  });

  it('stays when tasks are moved, and with other line endings and trailing spaces', () => {
    fc.assert(
      fc.property(bodies, (texts) => {
        const source = fileOf(texts);
        const moved = source
          .split(/(?=^## )/m)
          .reverse()
          .join('\n');
        const other = source.replaceAll('\n', ' \r\n');
        expect(new Map([...hashes(moved)].sort())).toEqual(new Map([...hashes(source)].sort()));
        expect(hashes(other)).toEqual(hashes(source));
      }),
    );
  });
});

describe('comments of inline text', () => {
  const inline = fc
    .array(fc.constantFrom('`', '``', '<!--', ' TASK_ID: a ', '-->', ' b ', '\\`', '\\\\', '1', '<!', '--', '-', '>'), {
      maxLength: 12,
    })
    .map((parts) => `p${parts.join('')}`);

  it('are those that a full Markdown parser finds', () => {
    fc.assert(
      fc.property(inline, (source) => {
        const paragraph = fromMarkdown(source).children[0];
        const found =
          paragraph?.type === 'paragraph'
            ? paragraph.children.flatMap((child) => (child.type === 'html' ? [child.value] : []))
            : [];
        expect(inlineComments(source).map(({ start, end }) => source.slice(start, end))).toEqual(found);
      }),
      { numRuns: 3_000 },
    );
  });

  it('lie within the text', () => {
    fc.assert(
      fc.property(inline, (source) => {
        for (const { start, end, value } of htmlComments(source))
          expect(source.slice(start, end)).toMatch(value === '' ? /^<!--(?:>|->|-->)$/ : `<!--${value}-->`);
      }),
    );
  });
});
