import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { testDatabase } from '../../packages/testkit/src/postgres.ts';
import { probeSandbox } from '../../services/validator/src/sandbox/probe.ts';
import { boxed } from './boxed.ts';
import { plantCanaries } from './canaries.ts';
import { loadCases, runAttacks } from './run-attacks.ts';

const status = await probeSandbox();

/** Harmless even where they succeed: they read canaries, knock at a listener, and leave a process that soon ends. */
const HARMLESS = [
  boxed({ row: 8, name: 'reads a secret', sh: ({ canaries }) => `cat ${canaries.secretPaths[0]}; tried=1` }),
  boxed({ row: 9, name: 'sees a file', sh: ({ canaries }) => `fails "saw it" ls ${canaries.secretPaths[0]}` }),
  boxed({
    row: 11,
    name: 'knocks',
    node: ({ canaries }) =>
      `import { connect } from 'node:net'; await fails('connect', () => new Promise((resolve, reject) => connect(${canaries.tcpPort}, '127.0.0.1', resolve).on('error', reject)));`,
  }),
  boxed({
    row: 6,
    name: 'stays',
    sh: ({ marker }) => `setsid sh -c 'sleep 4; true' ${marker} >/dev/null 2>&1 &\ntried=1`,
  }),
  boxed({ row: 21, name: 'writes outside', sh: ({ canaries }) => `echo x > ${canaries.openFolder}/canary; tried=1` }),
];

async function attack(unsandboxed: boolean) {
  const folder = mkdtempSync(join(tmpdir(), 'orchestrator-attack-'));
  const canaries = await plantCanaries(folder);
  const db = await testDatabase();
  try {
    return await runAttacks({
      cases: HARMLESS,
      canaries,
      unsandboxed,
      database: db.database,
      root: process.getuid?.() === 0,
      slots: 1,
      log: () => {},
    });
  } finally {
    await db.close();
    await canaries.close();
  }
}

test('each of these attacks is seen to succeed where there is no sandbox', async () => {
  const { results } = await attack(true);
  const problems = Object.fromEntries(results.map((result) => [result.name, result]));
  expect(problems['reads a secret']).toMatchObject({ leakedSecret: true });
  expect(problems['sees a file']?.problems.join()).toContain('ESCAPED: saw it');
  expect(problems.knocks?.problems.join()).toMatch(/ESCAPED: connect.*listener/);
  expect(problems.stays?.survivors).toBeGreaterThan(0);
  expect(problems['writes outside']?.problems.join()).toContain('was written to');
});

test.skipIf(!status.available)(
  `and to be contained by the sandbox${status.available ? '' : ' (skipped)'}`,
  async () => {
    const { results, siblingsRun, siblingsDisturbed } = await attack(false);
    expect(results.flatMap(({ name, problems }) => problems.map((problem) => `${name}: ${problem}`))).toEqual([]);
    expect(siblingsRun).toBeGreaterThan(0);
    expect(siblingsDisturbed).toBe(0);
  },
);

test('every row of the table has cases, each with a name of its own', async () => {
  const cases = await loadCases();
  expect([...new Set(cases.map(({ row }) => row))]).toEqual(Array.from({ length: 37 }, (_, index) => index + 1));
  const names = cases.map(({ row, name }) => `${row} ${name}`);
  expect(new Set(names).size).toBe(names.length);
});
