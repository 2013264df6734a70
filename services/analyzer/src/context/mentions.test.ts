import { expect, test } from 'vitest';
import { taskView } from '../../test/task-view.ts';
import { mentionsOf, wordsOf } from './mentions.ts';

test('paths, names of code and telling words are found in a task', () => {
  const mentions = mentionsOf(
    taskView({
      title: 'Async-safe event dispatcher',
      body: 'Move `EventBus.dispatch` out of src/main/java/app/EventBus.java; see docs/events.md. max_queue_size stays.',
    }),
  );
  expect(mentions.paths).toEqual(expect.arrayContaining(['src/main/java/app/EventBus.java', 'docs/events.md']));
  expect(mentions.identifiers).toEqual(expect.arrayContaining(['EventBus', 'dispatch', 'max_queue_size']));
  expect(mentions.words).toEqual(expect.arrayContaining(['async', 'safe', 'event', 'dispatcher', 'queue']));
});

test('words fall apart at case changes and lose their plural', () => {
  expect(wordsOf('parseCsvRows with HTTP status')).toEqual(['parse', 'csv', 'row', 'http', 'status']);
});
