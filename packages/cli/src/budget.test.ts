import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ledger, newAttemptId } from '@orchestrator/shared/budget/ledger.ts';
import { type TestDatabase, testDatabase } from '@orchestrator/testkit/postgres.ts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cli, temporaryFolder } from '../test/spawn-cli.ts';

describe('orchestrator budget', () => {
  const cwd = temporaryFolder();
  let test: TestDatabase;
  const run = (...args: string[]) =>
    cli(['budget', ...args], { cwd, env: { DATABASE_URL: test.url, ORCHESTRATOR_HOME: join(cwd, 'home') } });
  beforeAll(async () => {
    test = await testDatabase();
    writeFileSync(
      join(cwd, 'token_budget.json'),
      JSON.stringify({ start_date: new Date(Date.now() - 3_600_000).toISOString(), spent_usd: '1.500000000' }),
    );
    writeFileSync(join(cwd, 'broken.json'), '{ "start_date": ');
  });
  afterAll(() => test.close());

  it('is begun where another installation left off, once', async () => {
    for (const [file, problem] of [
      ['nowhere.json', 'no such file'],
      ['broken.json', 'is no JSON'],
    ] as const) {
      const refused = await run('import', file);
      expect([refused.exitCode, refused.stderr]).toEqual([2, expect.stringContaining(problem)]);
    }
    expect((await run('import', 'token_budget.json')).stdout).toContain('in phase launch, of which $1.5000 are spent');
    expect((await run('--json')).json()).toMatchObject({
      budgets: [{ budgetId: 'global', spentNanoUsd: '1500000000', phase: { name: 'launch' } }],
    });
    const again = await run('import', 'token_budget.json');
    expect([again.exitCode, again.stderr]).toEqual([2, expect.stringContaining('has begun already')]);
  });

  it('says what froze it, and is thawed by a person', async () => {
    expect((await run('thaw')).stdout).toContain('has no window that a call or the audit has frozen');
    const ledger = new Ledger(test.database);
    const attemptId = newAttemptId();
    await ledger.reserve({ attemptId, budgetIds: ['global'], amountNanoUsd: 1_000n, deadlineMs: 60_000 });
    await ledger.forfeit({ attemptId, freeze: 'not_as_priced', detail: { reason: 'the answer is of speed "fast"' } });
    expect((await run()).stdout).toMatch(
      /FROZEN: an answer was not .*\(the answer is of speed "fast"\).*orchestrator budget thaw/,
    );
    expect((await run('thaw', '--json')).json()).toEqual({ budget: 'global', windows: 1, woken: 0 });
    expect((await run()).stdout).not.toContain('FROZEN');
  });
});
