import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { MAX_PIECE_CHARACTERS } from './blocks.ts';
import { MARKERS } from './markers.ts';
import { MAX_FILE_CHARACTERS, parseTaskFile } from './parse-task-file.ts';
import { problemReference } from './problem-reference.ts';
import { MAX_TASK_CHARACTERS } from './read-entry.ts';

const text = readFileSync(new URL('../../../../docs/tasks.md', import.meta.url), 'utf8');
const examples = [...text.matchAll(/^```markdown\n([\s\S]*?)^```$/gm)].map((match) =>
  parseTaskFile(match[1] as string, 'docs/PLUGIN-TASKS.md'),
);

describe('docs/tasks.md', () => {
  it('lists every problem with its message and fix, and no other', () => {
    expect(
      text.includes(problemReference()),
      'The document is out of date: run `node scripts/write-reference.ts`.',
    ).toBe(true);
    const documented = [...text.matchAll(/^\| `([A-Z_]+)` \|/gm)]
      .map((match) => match[1] as string)
      .filter((code) => !code.startsWith('TASK_') || code === 'TASK_TOO_LONG');
    expect(documented.map((code) => `| \`${code}\``).every((row) => problemReference().includes(row))).toBe(true);
  });

  it('lists every marker, and no other', () => {
    const table = text.split('## Markers')[1]?.split('```')[0] ?? '';
    expect([...table.matchAll(/^\| `(TASK_\w+)` \|/gm)].map((match) => match[1])).toEqual([...MARKERS]);
  });

  it('names the limits of the code', () => {
    for (const limit of [MAX_TASK_CHARACTERS, MAX_FILE_CHARACTERS, MAX_PIECE_CHARACTERS])
      expect(text).toContain(limit.toLocaleString('en-US'));
  });

  it('shows examples that are read without a problem', () => {
    expect(examples.map(({ problems }) => problems)).toEqual([[], [], []]);
    expect(examples.map(({ tasks }) => tasks.map(({ key }) => key))).toEqual([
      ['events_async_001'],
      ['paging_size', 'paging_total', 'paging_drop_old'],
      [
        expect.stringMatching(/^trim_spaces_around_names_in_the-[0-9a-f]{8}$/),
        'import_lines',
        expect.stringMatching(/^read_gzip_files-/),
      ],
    ]);
  });

  it('shows examples that mean what the text says', () => {
    const [[first], [, total, drop], [trim, , gzip]] = examples.map(({ tasks }) => tasks) as [
      (typeof examples)[0]['tasks'],
      (typeof examples)[0]['tasks'],
      (typeof examples)[0]['tasks'],
    ];
    expect(first).toMatchObject({
      criteria: [
        'Two events fired from one thread reach a listener in order.',
        'A listener that throws does not stop the others.',
        'All existing tests pass.',
      ],
      documents: ['docs/EVENTS.md', 'my-core/THREADS.md', 'my-core/src/main/java/core/EventBus.java'],
    });
    expect(total).toMatchObject({ priority: 'high', dependsOn: ['paging_size'], budgetNanoUsd: 750_000_000n });
    expect(drop).toMatchObject({ status: 'blocked' });
    expect(trim).toMatchObject({ criteria: ['tabs too'], status: 'ready' });
    expect(gzip).toMatchObject({ status: 'done' });
  });
});
