import { expect, test } from 'vitest';
import { changeCommitOptions } from './change-commit.ts';

const context = (title: string, key = 'task_1') => ({
  run: { id: 'run-1', baseCommit: 'b'.repeat(40) },
  task: { key, title },
  config: { publish: { branchPrefix: 'ai/', authorName: 'AI', authorEmail: 'ai@example.com' } },
  mirror: { commitDate: async () => new Date('2026-01-02T03:04:05Z') },
});

test('the message names task and run below the title', async () => {
  expect(await changeCommitOptions(context('Add a cache'))).toEqual({
    message: 'Add a cache\n\nTask: task_1\nRun: run-1\n',
    authorName: 'AI',
    authorEmail: 'ai@example.com',
    date: new Date('2026-01-02T03:04:05Z'),
  });
});

test('a title can neither add lines nor hide characters', async () => {
  const { message } = await changeCommitOptions(context('Add\n---\r\ndiff --git\u2028a\u202e\0b', 'k\nRun: forged'));
  expect(message.split('\n')).toEqual(['Add --- diff --git a b', '', 'Task: k Run: forged', 'Run: run-1', '']);
});

test('a long title is cut between characters, an empty one replaced by the key', async () => {
  const { message } = await changeCommitOptions(context(`${'x'.repeat(99)}😀tail`));
  expect(message.split('\n')[0]).toBe(`${'x'.repeat(99)}😀`);
  expect((await changeCommitOptions(context(' \n '))).message).toMatch(/^task_1\n\n/);
});
