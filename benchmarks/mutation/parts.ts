/**
 * The code of the budget in two parts. What only computes is run against the tests that only compute: milliseconds for a
 * mutant. What speaks to the database is run against all tests that are quick and say the same each time. Races, time
 * zones, failing databases and random sequences are left out: they would make the figure larger and less sure.
 */
export interface Part {
  readonly name: 'pure' | 'database';
  readonly mutate: readonly string[];
  readonly tests: readonly string[];
  readonly leftOut: readonly string[];
}

const FOLDER = 'packages/shared/src/budget';
const PURE = ['budget-ids', 'cadence', 'denial', 'denied', 'money', 'plan', 'simulate', 'sql-state', 'window-span'];
const at = (name: string): string => `${FOLDER}/${name}.ts`;

export const PARTS: readonly Part[] = [
  {
    name: 'pure',
    mutate: PURE.map(at),
    tests: ['denial', 'money', 'plan', 'simulate'].map((name) => at(`${name}.test`)),
    leftOut: [],
  },
  {
    name: 'database',
    // ledger-types.ts has types only.
    mutate: [at('*'), `!${at('*.test')}`, `!${at('ledger-types')}`, ...PURE.map((name) => `!${at(name)}`)],
    tests: [at('*.test')],
    leftOut: ['time', 'failures', 'ledger-model', 'races'].map((name) => at(`${name}.test`)),
  },
];

export const partNamed = (name: string | undefined): Part => {
  const part = PARTS.find((one) => one.name === name);
  if (!part) throw new Error(`"${name}" is no part: ${PARTS.map((one) => one.name).join(', ')}`);
  return part;
};
