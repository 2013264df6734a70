import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';
import { importProblems } from './import-direction.ts';

const root = join(import.meta.dirname, '..');

it('every import of this repository follows the direction', () => {
  expect(importProblems(root)).toEqual([]);
});

it('an import against the direction, between services or of a wrapped library is reported', () => {
  const folder = mkdtempSync(join(tmpdir(), 'imports-'));
  const write = (path: string, text: string) => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  };
  write('packages/shared/src/a.ts', "import { x } from '@orchestrator/cli/main.ts';\n");
  write('services/coder/src/b.ts', "import type { y } from '@orchestrator/analyzer/stages.ts';\n");
  write('services/coder/src/c.ts', "import { Queue } from 'bullmq';\n");
  write('services/coder/src/d.test.ts', "import { z } from '@orchestrator/testkit/postgres.ts';\n");
  expect(
    importProblems(folder)
      .map((line) => line.split(':')[0])
      .sort(),
  ).toEqual(['packages/shared/src/a.ts', 'services/coder/src/b.ts', 'services/coder/src/c.ts']);
  rmSync(folder, { recursive: true });
});
