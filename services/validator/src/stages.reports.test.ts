import { type TestDatabase, testDatabase } from '@orchestrator/testkit/postgres.ts';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type StageHarness, stageHarness, verdictOf } from '../test/stage-harness.ts';

const CASES = '<testcase name="one" classname="s"/><testcase name="two" classname="s"/>';
const GOOD = `<testsuite name="s">${CASES}</testsuite>`;
const write = (xml: string) => `mkdir -p out\ncat > out/report.xml <<'END'\n${xml}\nEND\n`;

let db: TestDatabase;
let harness: StageHarness;
beforeAll(async () => {
  db = await testDatabase();
  harness = await stageHarness(
    db.database,
    { 'test.sh': write(GOOD), 'README.md': 'x' },
    { config: { validate: { build: [], test: ['sh test.sh'], reports: ['out/*.xml'] } } },
  );
  expect(await harness.baseline()).toMatchObject({ artifacts: [{ content: { totals: { passed: 2 } } }] });
});
afterAll(async () => {
  harness?.remove();
  await db.close();
});

/** A link leads to a file of the machine that the user of the box may read. */
const HOST_FILE = new URL('../package.json', import.meta.url).pathname;

test.each<[string, Record<string, string>, string]>([
  [
    'a bomb of entities',
    { 'test.sh': write(`<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>${GOOD.replace('one', '&b;')}`) },
    'REPORT_MISSING',
  ],
  [
    'an external entity',
    { 'test.sh': write(`<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>${GOOD.replace('one', '&e;')}`) },
    'REPORT_MISSING',
  ],
  [
    'deep nesting',
    { 'test.sh': write(`${'<testsuite name="a">'.repeat(5_000)}${CASES}${'</testsuite>'.repeat(5_000)}`) },
    'REPORT_MISSING',
  ],
  ['half a gigabyte', { 'test.sh': `${write(GOOD)}truncate -s 500M out/report.xml\n` }, 'REPORT_MISSING'],
  [
    'a link to a file of the machine',
    { 'test.sh': `mkdir -p out\nln -s ${HOST_FILE} out/report.xml\n` },
    'REPORT_MISSING',
  ],
  [
    'a folder that is a link',
    { 'test.sh': `mkdir real\necho '${GOOD}' > real/report.xml\nln -s real out\n` },
    'REPORT_MISSING',
  ],
  ['a pipe', { 'test.sh': 'mkdir -p out\nmkfifo out/report.xml\n' }, 'REPORT_MISSING'],
  ['a committed report', { 'test.sh': 'true\n', 'out/report.xml': GOOD }, 'REPORT_MISSING'],
  ['an old report', { 'test.sh': `${write(GOOD)}touch -d '2 hours ago' out/report.xml\n` }, 'REPORT_MISSING'],
  ['an empty report', { 'test.sh': write('<testsuite name="s"/>') }, 'TESTS_MISSING'],
  [
    'half of the tests',
    { 'test.sh': write('<testsuite name="s"><testcase name="one" classname="s"/></testsuite>') },
    'TESTS_MISSING',
  ],
  ['the same tests twice', { 'test.sh': `${write(GOOD)}cp out/report.xml out/again.xml\n` }, 'REPORT_REPEATED'],
])('%s instead of a report fails the verdict, in bounded time', async (_what, change, code) => {
  const began = performance.now();
  const verdict = verdictOf(await harness.validate(change));
  expect(verdict.passed).toBe(false);
  expect(verdict.findings.map((finding) => finding.code)).toContain(code);
  expect(JSON.stringify(verdict)).not.toMatch(/root:x:0|"private":/);
  expect(performance.now() - began).toBeLessThan(45_000);
});

test('the same report written in another way passes', async () => {
  expect(verdictOf(await harness.validate({ 'test.sh': `sleep 0\n${write(GOOD)}` }))).toMatchObject({ passed: true });
});
