import { expect, test } from 'vitest';
import { taskView } from '../../test/task-view.ts';
import { mentionsOf } from './mentions.ts';
import { byScore, type PathClues, ranked, scoreOfPath, scoreOfText, telling, wordsOfPath } from './rank-files.ts';

const PATHS = ['CharSet', 'CommonPrefix', 'Other1', 'Other2', 'Other3', 'Other4'].map(
  (name) => `src/main/java/util/${name}.java`,
);

function order(body: string, near: string[] = [], module: string | null = null): string[] {
  const task = taskView({ title: 'A task', body, module });
  const mentions = mentionsOf(task);
  const clues: PathClues = { task, mentions, near, tellingWords: telling(mentions.words, PATHS.map(wordsOfPath)) };
  const files = PATHS.map((path) => ranked(path, scoreOfPath(path, clues))).filter((file) => file.score > 0);
  return files.sort(byScore).map((file) => file.path.slice('src/main/java/util/'.length));
}

test('a file that has the name of a mentioned class comes first', () => {
  expect(order('A common prefix for `Other3`.')).toEqual(['Other3.java', 'CommonPrefix.java']);
});

test('words that most paths hold tell nothing', () => {
  expect(order('The main Java util.')).toEqual([]);
});

test('what lies beside a named file, and its test, are near', () => {
  expect(order('Nothing else.', ['src/test/java/util/CharSetTest.java'])).toEqual(['CharSet.java']);
  expect(order('Nothing else.', ['src/main/java/util/Absent.java'])).toHaveLength(6);
});

test('all of a module is near, however it is written', () => {
  expect(order('x', [], 'src/main')).toHaveLength(6);
  expect(order('x', [], ':java:util')).toHaveLength(6);
  expect(order('x', [], 'test')).toEqual([]);
});

test('declaring a name counts more than using it, and a type that is used is not declared', () => {
  const points = (text: string, signatures: string) =>
    scoreOfText(text, signatures, ['greet', 'Name']).map((clue) => [clue.points, clue.reason]);
  expect(points('greet(Name)', 'export function greet(name: Name)')).toEqual([
    [5, 'declares greet'],
    [1, 'uses Name'],
  ]);
  expect(points('class Name { greeting() {} }', 'class Name')).toEqual([[5, 'declares Name']]);
});
