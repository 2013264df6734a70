import { describe, expect, it } from 'vitest';
import { parseTaskFile, readTaskFile } from './parse-task-file.ts';

const FILE = 'docs/PLUGIN-TASKS.md';
const parse = (text: string) => parseTaskFile(text, FILE);

const SEED = `# Plugin tasks

Introduction.

## Task: Async-safe event dispatcher
<!-- TASK_ID: events_async_001 -->
<!-- TASK_PRIORITY: high -->
<!-- TASK_MODULE: my-core -->
<!-- TASK_LANGUAGE: java -->

### Overview
Dispatch events off the main thread.

### Requirements
- No **blocking**

\`\`\`markdown
## Task: an example, not a task
<!-- TASK_ID: example -->
\`\`\`

### Success Criteria
- [ ] Events arrive in order
- [x] \`close()\` waits
  for the queue

### Related Documentation
- docs/EVENTS.md - the events
- [Threads](../src/main/java/Threads.java#L3)
- \`my-core/README.md\` and https://example.org/a/b.html

## Task: Second
<!-- TASK_ID: second -->
Do it.

## Notes
- [ ] not a task, since this file has sections
`;

describe('the format of task sections', () => {
  it('reads every part of a section', () => {
    const { tasks, problems, complete } = parse(SEED);
    expect(problems).toEqual([]);
    expect(complete).toBe(true);
    expect(tasks.map(({ key }) => key)).toEqual(['events_async_001', 'second']);
    expect(tasks[0]).toMatchObject({
      title: 'Async-safe event dispatcher',
      priority: 'high',
      module: 'my-core',
      language: 'java',
      status: 'ready',
      dependsOn: [],
      budgetNanoUsd: null,
      criteria: ['Events arrive in order', '`close()` waits for the queue'],
      documents: ['docs/EVENTS.md', 'src/main/java/Threads.java', 'my-core/README.md'],
      line: 5,
      position: 0,
    });
    expect(tasks[0]?.body).toMatch(/^### Overview\nDispatch/);
    expect(tasks[0]?.body).toContain('<!-- TASK_ID: example -->');
    expect(tasks[1]).toMatchObject({ body: 'Do it.', priority: 'medium', line: 32, position: 1 });
  });

  it('takes markers on the heading line, below it and in a paragraph before the first sub-heading', () => {
    const { tasks, problems } = parse(
      '## Task: A <!-- TASK_ID: a -->\nText <!-- TASK_PRIORITY: low --> and more\n\n<!-- TASK_STATUS: blocked --> <!-- TASK_BUDGET_USD: $0.75 -->\n\n### Overview\nx',
    );
    expect(problems).toEqual([]);
    expect(tasks[0]).toMatchObject({
      key: 'a',
      title: 'A',
      priority: 'low',
      status: 'blocked',
      budgetNanoUsd: 750_000_000n,
    });
    expect(tasks[0]?.body).toBe('Text  and more\n\n\n### Overview\nx');
  });

  it('ignores markers in code', () => {
    const { tasks, problems } = parse(
      '## Task: A\n<!-- TASK_ID: a -->\nWrite `<!-- TASK_ID: b -->`.\n\n    <!-- TASK_ID: c -->\n\n~~~\n<!-- TASK_ID: d -->\n~~~\n',
    );
    expect(problems).toEqual([]);
    expect(tasks.map(({ key }) => key)).toEqual(['a']);
  });

  it('collects dependencies from several markers', () => {
    const { tasks } = parse(
      '## Task: A\n<!-- TASK_ID: a -->\nx\n## Task: B\n<!-- TASK_ID: b -->\nx\n## Task: C\n<!-- TASK_ID: c -->\n<!-- TASK_DEPENDS_ON: a, b -->\n<!-- TASK_DEPENDS_ON: b -->\nx',
    );
    expect(tasks[2]?.dependsOn).toEqual(['a', 'b']);
  });

  it('gives the same tasks for other line endings and with a byte order mark', async () => {
    const windows = await readTaskFile(Buffer.from(`\uFEFF${SEED.replaceAll('\n', '\r\n')}`), FILE);
    expect(windows).toEqual(parse(SEED));
  });
});

describe('plain lists', () => {
  const LIST =
    '# Backlog\n\n- [ ] Trim `names`\n  in the index\n  - [ ] spaces\n- [x] Old thing\n- [ ] Marked <!-- TASK_ID: m1 --> <!-- TASK_PRIORITY: high -->\n- no box\n';

  it('makes a task of each box', () => {
    const { tasks, problems } = parse(LIST);
    expect(problems).toEqual([]);
    expect(tasks.map(({ key, title, status, priority, line }) => ({ key, title, status, priority, line }))).toEqual([
      {
        key: expect.stringMatching(/^trim_names_in_the_index-[0-9a-f]{8}$/),
        title: 'Trim `names` in the index',
        status: 'ready',
        priority: 'medium',
        line: 3,
      },
      {
        key: expect.stringMatching(/^old_thing-[0-9a-f]{8}$/),
        title: 'Old thing',
        status: 'done',
        priority: 'medium',
        line: 6,
      },
      { key: 'm1', title: 'Marked', status: 'ready', priority: 'high', line: 7 },
    ]);
    expect(tasks[0]).toMatchObject({ body: 'Trim `names`\nin the index\n- [ ] spaces', criteria: ['spaces'] });
  });

  it('keeps the derived id when an entry moves or is ticked', () => {
    const keys = (text: string) =>
      parse(text)
        .tasks.map(({ key }) => key)
        .sort();
    expect(keys('- [ ] one\n- [ ] two\n')).toEqual(keys('* [x] two\n\nBetween.\n\n* [ ] one\n'));
  });

  it('reports an entry that is listed twice', () => {
    const { tasks, problems } = parse('- [ ] same\n- [ ] other\n- [ ] same\n');
    expect(tasks).toHaveLength(2);
    expect(problems).toMatchObject([{ code: 'TITLE_REPEATED', line: 3, message: expect.stringContaining('line 1') }]);
  });

  it('takes a marked box in a file of sections', () => {
    const { tasks } = parse(
      '## Task: A\n<!-- TASK_ID: a -->\nx\n# More\n- [ ] unmarked\n- [ ] marked <!-- TASK_ID: b -->\n',
    );
    expect(tasks.map(({ key }) => key)).toEqual(['a', 'b']);
  });
});

describe('problems', () => {
  const section = (markers: string, body = 'Text.') => `## Task: Title\n${markers}\n\n${body}\n`;
  const GOOD = '\n## Task: Good\n<!-- TASK_ID: good -->\nText.\n';

  it.each([
    ['ID_MISSING', section(''), { line: 1, fix: 'Add the line <!-- TASK_ID: title --> below its heading.' }],
    [
      'ID_INVALID',
      section('<!-- TASK_ID: a/b -->'),
      { line: 2, column: 1, message: expect.stringContaining('holds "/"') },
    ],
    ['ID_INVALID', section('<!-- TASK_ID: a..b -->'), { line: 2 }],
    ['ID_INVALID', section('<!-- TASK_ID: a.lock -->'), { line: 2 }],
    [
      'PRIORITY_UNKNOWN',
      section('<!-- TASK_ID: a -->\n<!-- TASK_PRIORITY: hihg -->'),
      { line: 3, task: 'a', fix: 'Did you mean high?' },
    ],
    [
      'PRIORITY_UNKNOWN',
      section('<!-- TASK_ID: a -->\n<!-- TASK_PRIORITY: P1 -->'),
      { fix: 'Write one of high, medium, low.' },
    ],
    ['STATUS_UNKNOWN', section('<!-- TASK_ID: a -->\n<!-- TASK_STATUS: block -->'), { fix: 'Did you mean blocked?' }],
    [
      'MARKER_UNKNOWN',
      section('<!-- TASK_ID: a --> <!-- TASK_PRIORTY: high -->'),
      { line: 2, column: 21, fix: 'Did you mean TASK_PRIORITY?' },
    ],
    [
      'MARKER_MALFORMED',
      section('<!-- TASK_ID: a -->\n<!-- TASK_MODULE core -->'),
      { line: 3, message: expect.stringContaining('":" is missing') },
    ],
    [
      'MARKER_MALFORMED',
      section('<!-- TASK_ID: a -->\n<!-- TASK_MODULE: -->'),
      { message: expect.stringContaining('no value') },
    ],
    ['MARKER_REPEATED', section('<!-- TASK_ID: a -->\n<!-- TASK_ID: b -->'), { line: 3 }],
    [
      'MARKER_MISPLACED',
      section('<!-- TASK_ID: a -->', 'Text.\n### More\n<!-- TASK_STATUS: blocked -->'),
      { line: 6, task: 'a' },
    ],
    ['MARKER_MISPLACED', '# Task: wrong level\n<!-- TASK_ID: a -->\n', { line: 2 }],
    ['BUDGET_INVALID', section('<!-- TASK_ID: a -->\n<!-- TASK_BUDGET_USD: lots -->'), { line: 3 }],
    ['BUDGET_INVALID', section('<!-- TASK_ID: a -->\n<!-- TASK_BUDGET_USD: 0 -->'), { line: 3 }],
    ['PATH_OUTSIDE', section('<!-- TASK_ID: a -->\n<!-- TASK_MODULE: ../other -->'), { line: 3 }],
    [
      'PATH_OUTSIDE',
      section('<!-- TASK_ID: a -->', 'Text.\n### Related Documentation\n- [x](../../secret.md)'),
      { line: 6 },
    ],
    ['BODY_EMPTY', section('<!-- TASK_ID: a -->', '### Overview\n\n### Requirements'), { line: 1 }],
    ['TITLE_MISSING', '## Task:\n<!-- TASK_ID: a -->\nText.\n', { line: 1 }],
    ['TASK_TOO_LONG', section('<!-- TASK_ID: a -->', 'word '.repeat(14_000)), { line: 1 }],
    [
      'DEPENDENCY_UNKNOWN',
      section('<!-- TASK_ID: a -->\n<!-- TASK_DEPENDS_ON: goood -->'),
      { line: 3, fix: 'Did you mean good?' },
    ],
    ['DEPENDENCY_SELF', section('<!-- TASK_ID: a -->\n<!-- TASK_DEPENDS_ON: a -->'), { line: 3 }],
  ])('%s leaves that task out and names its place', (code, text, expected) => {
    const { tasks, problems } = parse(text + GOOD);
    expect(problems).toMatchObject([{ code, file: FILE, ...expected }]);
    expect(tasks.map(({ key }) => key)).toEqual(['good']);
  });

  it('keeps the first of two tasks with one id and names both lines', () => {
    const { tasks, problems } = parse(
      '## Task: A\n<!-- TASK_ID: x -->\nfirst\n\n## Task: B\n<!-- TASK_ID: X -->\nsecond\n',
    );
    expect(tasks.map(({ title }) => title)).toEqual(['A']);
    expect(problems).toMatchObject([
      { code: 'ID_DUPLICATE', line: 6, message: 'The task on line 1 already has the id "x".' },
    ]);
  });

  it('spells out a cycle and still runs what only leads to it', () => {
    const task = (id: string, needs: string) =>
      `## Task: ${id}\n<!-- TASK_ID: ${id} -->\n<!-- TASK_DEPENDS_ON: ${needs} -->\nx\n`;
    const { tasks, problems } = parse(task('a', 'b') + task('b', 'c') + task('c', 'a') + task('d', 'a'));
    expect(problems.map(({ code, task: id }) => [code, id])).toEqual([
      ['DEPENDENCY_CYCLE', 'a'],
      ['DEPENDENCY_CYCLE', 'b'],
      ['DEPENDENCY_CYCLE', 'c'],
    ]);
    expect(problems[0]?.message).toContain('a -> b -> c -> a');
    expect(tasks.map(({ key }) => key)).toEqual(['d']);
  });

  it('reports an open fence that hides tasks, and what is before it still counts', () => {
    const { tasks, problems, complete } = parse(
      `${GOOD}\n## Task: A\n<!-- TASK_ID: a -->\n\`\`\`java\nclass A {}\n\n## Task: B\n<!-- TASK_ID: b -->\nx\n`,
    );
    expect(problems).toMatchObject([
      { code: 'SECTION_UNCLOSED', line: 8, message: expect.stringContaining('## Task: B') },
    ]);
    expect(tasks.map(({ key }) => key)).toEqual(['good']);
    expect(complete).toBe(false);
  });

  it('does not mind an open fence that hides nothing', () => {
    expect(parse(`${GOOD}\n\`\`\`\nend`)).toMatchObject({ problems: [], complete: true });
  });

  it.each([
    ['UTF-16', Buffer.from('\uFEFF## Task: A', 'utf16le'), { line: 1, message: expect.stringContaining('UTF-16') }],
    ['Latin-1', Buffer.from('ok\nna\u00efve\n', 'latin1'), { line: 2, message: expect.stringContaining('line 2') }],
  ])('reports a file in %s', async (_name, bytes, expected) => {
    expect(await readTaskFile(bytes, FILE)).toMatchObject({
      tasks: [],
      complete: false,
      problems: [{ code: 'FILE_ENCODING', ...expected }],
    });
  });

  it.each(['', '\n\n', '\uFEFF', '# Only a title\n\nProse.\n'])('finds no task and no problem in %j', (text) => {
    expect(parse(text)).toEqual({ tasks: [], problems: [], keys: [], complete: true });
  });
});
