import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { METRICS } from './metrics.ts';
import { metricsReference } from './reference.ts';

const text = readFileSync(new URL('../../../../docs/operations.md', import.meta.url), 'utf8');

it('docs/operations.md lists every metric with type, labels and meaning, and no other', () => {
  expect(text.includes(metricsReference()), 'run `node scripts/write-reference.ts`').toBe(true);
  const named = new Set(text.match(/\borchestrator_[a-z_]+\b(?!YYYY)/g));
  for (const name of named)
    if (!/YYYY|^orchestrator_$/.test(name))
      expect(Object.keys(METRICS)).toContain(name.replace(/_(bucket|sum|count)$/, ''));
});
