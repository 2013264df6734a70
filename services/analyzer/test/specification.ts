import type { Specification } from '@orchestrator/shared/contracts/specification.ts';

/** A specification that fits a repository with `src/greet.js`; `over` replaces any part of it. */
export const specification = (over: Partial<Specification> = {}): Specification => ({
  summary: 'Greetings take a name.',
  design: 'greet(name) gives "hello <name>".',
  filesToChange: [
    { path: 'src/greet.js', action: 'update', why: 'the parameter' },
    { path: 'test/greet.test.js', action: 'create', why: 'its test' },
  ],
  filesToRead: ['README.md'],
  tests: [{ path: 'test/greet.test.js', covers: 'the name' }],
  criteria: [{ criterion: 'The name is in the greeting', shownBy: 'test/greet.test.js' }],
  risks: [],
  ...over,
});
