import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readYaml } from '@orchestrator/shared/config/yaml-source.ts';
import { expect, test } from 'vitest';
import { checkRules } from './check-rules.ts';
import { loadPacks } from './load-packs.ts';

test('every rule of every pack finds its bad examples and leaves its good ones', async () => {
  const packs = await loadPacks();
  expect(packs.map((pack) => pack.id)).toEqual(['folia', 'java-21', 'no-internal-jdk']);
  const rules = packs.flatMap((pack) => pack.rules);
  expect(rules.length).toBeGreaterThanOrEqual(18);
  const read = await Promise.all(
    rules.map(async (rule) => {
      const file = join(import.meta.dirname, 'packs', `${rule.name}.yml`);
      return { rule, file: `${rule.name}.yml`, source: readYaml(await readFile(file, 'utf8')) };
    }),
  );
  expect(await checkRules(read, new AbortController().signal)).toEqual([]);
});
