import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * shared <- services <- embedded <- cli <- demo. Services do not import each other. Tests may use the testkit, which
 * itself knows only shared. Vendor libraries are imported by the one file that wraps them.
 */
const MAY_IMPORT: Record<string, readonly string[]> = {
  shared: [],
  testkit: ['shared'],
  analyzer: ['shared'],
  coder: ['shared'],
  validator: ['shared'],
  notifier: ['shared'],
  scheduler: ['shared'],
  embedded: ['shared', 'analyzer', 'coder', 'validator', 'notifier', 'scheduler'],
  cli: ['shared', 'embedded'],
  demo: ['shared', 'embedded', 'cli', 'testkit'],
  deployment: ['shared', 'testkit', 'demo'],
};

const ONLY_IN: readonly (readonly [library: RegExp, place: RegExp])[] = [
  [/^bullmq$/, /queue\/bullmq-/],
  [/^@anthropic-ai\/sdk/, /models\/providers\/|testkit\/|\.test\.ts$/],
  [/^openai(\/|$)/, /models\/providers\/|testkit\/|\.test\.ts$/],
];

/** One line for each import that goes against the direction. */
export function importProblems(root: string): string[] {
  const problems: string[] = [];
  for (const path of globSync('{packages,services}/*/src/**/*.ts', { cwd: root })) {
    if (path.includes('/generated/')) continue;
    const home = path.split('/')[1] as string;
    const isTest = /\.(test|contract)\.ts$/.test(path);
    for (const [, specifier = ''] of readFileSync(join(root, path), 'utf8').matchAll(
      /^\s*(?:import|export)\b[^'"]*?from '([^']+)'/gm,
    )) {
      const target = /^@orchestrator\/([\w-]+)\//.exec(specifier)?.[1];
      const allowed = MAY_IMPORT[home] ?? [];
      if (target && target !== home && !allowed.includes(target) && !(isTest && target === 'testkit')) {
        problems.push(`${path}: ${home} may not import ${specifier}`);
      }
      if (/^\.\..*\/(packages|services)\//.test(specifier))
        problems.push(`${path}: import ${specifier} by its package name`);
      for (const [library, place] of ONLY_IN) {
        if (library.test(specifier) && !place.test(path)) problems.push(`${path}: ${specifier} has a file of its own`);
      }
    }
  }
  return problems;
}
