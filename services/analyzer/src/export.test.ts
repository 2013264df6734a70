import { expect, test } from 'vitest';
import { specification } from '../test/specification.ts';
import { taskView } from '../test/task-view.ts';
import { specificationMarkdown } from './export.ts';

test('a specification reads as Markdown, without the sections that have nothing to say', () => {
  expect(specificationMarkdown(specification(), taskView({ module: 'src' }))).toBe(`# Greet by name

Task: greet_001 · Module: src

Greetings take a name.

## Design

greet(name) gives "hello <name>".

## Files to change

- \`src/greet.js\` (update): the parameter
- \`test/greet.test.js\` (create): its test

## Files to read

- \`README.md\`

## Tests

- \`test/greet.test.js\`: the name

## Success criteria

- The name is in the greeting — shown by: test/greet.test.js
`);
});
