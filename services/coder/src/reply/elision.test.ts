import { describe, expect, test } from 'vitest';
import { isElision } from './elision.ts';

describe('a line that stands for code left out', () => {
  test.each([
    '// ...',
    '  // … ',
    '# ...',
    '/* ... */',
    '{/* ... */}',
    '<!-- ... -->',
    '-- ...',
    '...',
    '// ... existing code ...',
    '// ...existing code...',
    '// ... rest of the code unchanged',
    '// ... (rest of the class) ...',
    '# ... keep the other methods unchanged ...',
    '# ... the remaining tests stay the same',
    '/* ... rest of the styles ... */',
    '{/* ... rest of the component ... */}',
    '<!-- ... existing content ... -->',
    '// rest of the code remains the same',
    '# Rest of the file unchanged',
    '// The rest of your existing code',
    '// existing code here',
    '// [existing code]',
    '// (unchanged)',
    '// other methods unchanged...',
    '// remaining imports stay the same',
    '// previous code...',
    '// unchanged',
    '// same as before',
    '// Implementation omitted for brevity',
    '// no changes here',
    '... rest of the code unchanged ...',
    '[... existing code ...]',
  ])('%s', (line) => {
    expect(isElision(line, 'src/a.ts')).toBe(true);
  });
});

describe('a line that is code or an ordinary comment', () => {
  test.each([
    '  ...rest,',
    'call(...args);',
    'const { a, ...other } = options;',
    "log('...');",
    '// Loading existing configuration...',
    '// Waits for the rest of the messages.',
    '// ... or the other way around',
    '// Asserts that the file is unchanged',
    '// the content is the same as on disk',
    '// Existing users keep their settings.',
    '// Rest parameters are arrays.',
    '// other',
    '# previous',
    '/** The remaining budget. */',
    '// Code here runs twice.',
    '',
    '// See the original paper',
  ])('%s', (line) => {
    expect(isElision(line, 'src/a.ts')).toBe(false);
  });

  test.each([
    ['...', 'a.py'],
    ['...', 'doc.md'],
    ['...', 'values.yaml'],
    ['# The rest of the code', 'README.md'],
    ['- other tests stay the same', 'docs/notes.rst'],
  ])('%s in %s', (line, path) => {
    expect(isElision(line, path)).toBe(false);
  });
});
