import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { readTaskFile } from '../task-file/parse-task-file.ts';
import { type TaskResult, writeResults } from './write-results.ts';

const FILE = 'docs/PLUGIN-TASKS.md';
const merged: TaskResult = { text: 'merged, #12, $0.4312', done: true };
const write = (text: string, results: Record<string, TaskResult>) =>
  writeResults(Buffer.from(text), FILE, new Map(Object.entries(results)))?.toString('utf8') ?? null;

describe('a result', () => {
  test.each([
    [
      'on a line of its own',
      '## Task: A\n<!-- TASK_ID: a -->\nDo it.\n',
      '## Task: A\n<!-- TASK_ID: a --> <!-- TASK_RESULT: merged, #12, $0.4312 -->\nDo it.\n',
    ],
    [
      'on the heading',
      '## Task: A <!-- TASK_ID: a -->\nDo it.\n',
      '## Task: A <!-- TASK_ID: a --> <!-- TASK_RESULT: merged, #12, $0.4312 -->\nDo it.\n',
    ],
    [
      'where there was another',
      '## Task: A\n<!-- TASK_RESULT: failed -->\n<!-- TASK_ID: a -->\nDo it.\n',
      '## Task: A\n<!-- TASK_RESULT: merged, #12, $0.4312 -->\n<!-- TASK_ID: a -->\nDo it.\n',
    ],
    [
      'in a list, with its tick',
      '- [ ] A <!-- TASK_ID: a -->\n',
      '- [x] A <!-- TASK_ID: a --> <!-- TASK_RESULT: merged, #12, $0.4312 -->\n',
    ],
    [
      'with carriage returns and a byte order mark',
      '\uFEFF# Tasks\r\n\r\n## Task: A\r\n<!-- TASK_ID: a -->\r\nDo it.\r\n',
      '\uFEFF# Tasks\r\n\r\n## Task: A\r\n<!-- TASK_ID: a --> <!-- TASK_RESULT: merged, #12, $0.4312 -->\r\nDo it.\r\n',
    ],
  ])('is written %s', (_where, before, after) => {
    expect(write(before, { a: merged })).toBe(after);
    expect(write(after, { a: merged })).toBeNull();
  });

  test('of an entry without an id is its tick', async () => {
    const text = '- [ ] Trim spaces\n- [ ] Others\n';
    const key = (await readTaskFile(Buffer.from(text), FILE)).tasks[0]?.key as string;
    expect(write(text, { [key]: merged })).toBe('- [x] Trim spaces\n- [ ] Others\n');
    expect(write(text, { [key]: { text: 'in review, #1', done: false } })).toBeNull();
  });

  test.each([
    ['a task that is only shown in code', '```\n## Task: A\n<!-- TASK_ID: a -->\nDo it.\n```\n'],
    ['a task with a mistake', '## Task: A\n<!-- TASK_ID: a -->\n<!-- TASK_PRIORITY: soon -->\nDo it.\n'],
    ['another task', '## Task: B\n<!-- TASK_ID: b -->\nDo it.\n'],
  ])('is not written to %s', (_what, text) => {
    expect(write(text, { a: merged })).toBeNull();
  });

  test('is not written to a file that is not UTF-8', () => {
    const bytes = Buffer.concat([Buffer.from('## Task: A\n<!-- TASK_ID: a -->\n'), Buffer.from([0xff, 0x0a])]);
    expect(writeResults(bytes, FILE, new Map([['a', merged]]))).toBeNull();
  });

  test('goes to the first of two tasks with one id', () => {
    const one = '## Task: A\n<!-- TASK_ID: a -->\nDo it.\n';
    expect(write(`${one}\n${one}`, { a: merged })?.match(/TASK_RESULT/g)).toHaveLength(1);
  });
});

/** Files as people write them, with everything that could be mistaken for a place to write to. */
const line = fc.constantFrom(
  '# Tasks',
  '## Task: One <!-- TASK_ID: one -->',
  '## Task: Two',
  '<!-- TASK_ID: two -->',
  '<!-- TASK_PRIORITY: high --> <!-- TASK_ID: three -->',
  '  <!-- TASK_ID: four -->  ',
  '<!-- TASK_RESULT: failed -->',
  '<!-- TASK_RESULT: in review, #3 --> trailing',
  '## Task: Three',
  '## Other',
  '### Success Criteria',
  '- [ ] open <!-- TASK_ID: five -->',
  '- [x] ticked <!-- TASK_ID: six -->',
  '* [ ] plain',
  '1. [ ] numbered <!-- TASK_ID: seven -->',
  '  - [ ] nested <!-- TASK_ID: eight -->',
  '```',
  '`<!-- TASK_ID: one -->`',
  'Prose – with ünïcode 🎉\t and  spaces  ',
  '<!-- a comment',
  '-->',
  '> quoted',
  '    indented',
  '',
);
const ending = fc.constantFrom('\n', '\r\n', '\r');
const bytesOf = fc
  .tuple(fc.boolean(), fc.array(fc.tuple(line, ending), { maxLength: 30 }), fc.constantFrom('', 'last line'))
  .map(([mark, lines, last]) =>
    Buffer.from(`${mark ? '\uFEFF' : ''}${lines.map((parts) => parts.join('')).join('')}${last}`),
  );
const KEYS = ['one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight'];
const result = fc.record({
  text: fc.constantFrom('merged, #12, $0.4312', 'in review, #1, $0.1', 'failed, ERRORS_EXHAUSTED'),
  done: fc.boolean(),
});

/** Without what may be written. */
const bare = (bytes: Buffer) =>
  bytes
    .toString('latin1')
    .replace(/ ?<!-- TASK_RESULT: [^>]* -->/g, '')
    .replace(/\[[xX]\]/g, '[ ]');

it('leaves every byte but the token, and every task as it is read', async () => {
  await fc.assert(
    fc.asyncProperty(bytesOf, fc.dictionary(fc.constantFrom(...KEYS), result), async (before, results) => {
      const map = new Map(Object.entries(results));
      const after = writeResults(before, FILE, map);
      if (after === null) return;
      expect(bare(after)).toBe(bare(before));
      const [was, is] = [await readTaskFile(before, FILE), await readTaskFile(after, FILE)];
      // Spaces at the ends of lines count for nothing.
      const read = ({ tasks }: typeof was) =>
        tasks.map(({ status: _, body, ...task }) => ({ ...task, body: body.replace(/[ \t]+$/gm, '') }));
      expect(read(is)).toEqual(read(was));
      expect(is.problems).toEqual(was.problems);
      for (const [at, task] of is.tasks.entries())
        if (task.status !== was.tasks[at]?.status) expect(map.get(task.key)?.done).toBe(true);
      // Writing the same again changes nothing.
      expect(writeResults(after, FILE, map)).toBeNull();
    }),
    { numRuns: 500 },
  );
});
