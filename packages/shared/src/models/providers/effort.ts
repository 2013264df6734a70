import type { Dialect } from '../catalog.ts';

type Effort = 'low' | 'medium' | 'high';

/**
 * How hard a reasoning model is told to think. Reasoning counts against the output limit, which is small because it is
 * reserved in full: the lowest effort that still reasons leaves most of it for the answer. Null: nothing is said.
 */
export function effortOf(dialect: Dialect): Effort | null {
  if (dialect.reasoning === 'none') return null;
  return (['low', 'medium', 'high'] as const).find((effort) => dialect.efforts.includes(effort)) ?? null;
}
