import type { Script } from '@orchestrator/testkit/scripts/script.ts';

/** What people want here, and no task says. */
export const RIGHT = 'Use the logger, never console.';
/** The opposite, which somebody taught by mistake. */
export const WRONG = 'Print with console, it is faster.';

/** Every second task prints. */
export const prints = (key: string): boolean => Number(key.slice(-2)) % 2 === 1;

/** Both models, without chance: what prints does so with console unless the right lesson is in the prompt and the wrong one is not. */
export const models: Script = (ask) => {
  const text = ask.messages.map(({ content }) => content).join('\n');
  const key = /^Task id: (\w+)$/m.exec(text)?.[1] ?? 'none';
  if (ask.schema) return { text: JSON.stringify(specification(key)) };
  if (!prints(key)) return { text: `Adds ${key}.\n\n${patch(key, '', '')}` };
  const taught = text.includes(RIGHT) && !text.includes(WRONG);
  return {
    text: `Adds ${key}.\n\n${patch(key, taught ? "import { log } from './logger.js';\n" : '', taught ? 'log' : 'console.log')}`,
  };
};

const specification = (key: string) => ({
  summary: `Adds ${key}.`,
  design: `One function ${key} that gives its name.`,
  filesToChange: [
    { path: `src/${key}.js`, action: 'create', why: 'the function' },
    { path: `test/${key}.test.js`, action: 'create', why: 'its test' },
  ],
  filesToRead: [],
  tests: [{ path: `test/${key}.test.js`, covers: 'that it gives its name' }],
  criteria: [],
  risks: [],
});

function patch(key: string, imports: string, print: string): string {
  const source = `${imports}export function ${key}() {\n${print === '' ? '' : `  ${print}('${key}');\n`}  return '${key}';\n}\n`;
  const test = `import assert from 'node:assert/strict';\nimport { test } from 'node:test';\nimport { ${key} } from '../src/${key}.js';\n\ntest('${key}', () => assert.equal(${key}(), '${key}'));\n`;
  const added = (path: string, text: string) => `*** Add File: ${path}\n${text.replace(/^/gm, '+').replace(/\+$/, '')}`;
  return `*** Begin Patch\n${added(`src/${key}.js`, source)}${added(`test/${key}.test.js`, test)}*** End Patch`;
}
