import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createRepository, repositoryAt, temporaryFolder } from '@orchestrator/testkit/git/test-repository.ts';
import { testDatabase } from '@orchestrator/testkit/postgres.ts';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { sink } from '../boot/logger.ts';
import { GLOBAL_BUDGET } from '../budget/budget-ids.ts';
import { newAttemptId } from '../budget/ledger.ts';
import { ensureBudget } from '../budget/phases.ts';
import { OrchestratorConfig } from '../config/schema.ts';
import { dumpDatabase } from './dump.ts';
import { type HeldState, takeState } from './held-state.ts';
import { PushedLedger } from './pushed-ledger.ts';
import { readForPeople } from './read-for-people.ts';
import { openStateBranch, type StateBranch } from './state-branch.ts';
import { filesOf, readState } from './state-commit.ts';

const BRANCH = 'orchestrator-state';
const { log } = sink();
let remote: string;
let folder: string;
let homes = 0;

beforeEach(() => {
  const temporary = temporaryFolder();
  onTestFinished(temporary.remove);
  folder = temporary.path;
  remote = join(folder, 'remote.git');
  createRepository(remote, ['--bare']);
});

/** The branch as one more machine sees it. */
const machine = (): Promise<StateBranch> => {
  homes += 1;
  return openStateBranch({ repo: remote, branch: BRANCH, home: join(folder, `home-${homes}`), platform: null });
};
const take = async (more: Partial<Parameters<typeof takeState>[0]> = {}): Promise<HeldState> =>
  takeState({ branch: await machine(), by: 'a run', begin: true, log, pausesMs: [1, 1], ...more });
const tip = () => repositoryAt(remote).git('rev-parse', `refs/heads/${BRANCH}`);
const stateNow = async () => {
  const state = await readState(await machine());
  if (state === null) throw new Error('there is no state');
  return state;
};

/** A program that the server runs at each push. */
function hook(name: string, script: string): void {
  mkdirSync(join(remote, 'hooks'), { recursive: true });
  writeFileSync(join(remote, 'hooks', name), `#!/bin/sh\n${script}\n`);
  chmodSync(join(remote, 'hooks', name), 0o755);
}

describe('the state branch', () => {
  it('has one commit without a parent, however often it is written', async () => {
    const held = await take();
    for (let i = 0; i < 4; i += 1) await held.push();
    await held.release();
    expect(repositoryAt(remote).git('rev-list', '--count', BRANCH)).toBe('1');
    expect((await stateNow()).ledger).toMatchObject({ generation: 6, hold: null });
    expect(repositoryAt(remote).git('log', '-1', '--format=%s', BRANCH)).toContain('[skip ci]');
  });

  it('is not made unasked: what was spent would be forgotten', async () => {
    await expect(take({ begin: false })).rejects.toMatchObject({ code: 'STATE_MISSING' });
    await (await take()).release();
    await expect(take({ begin: false })).resolves.toBeDefined();
  });

  it.each([
    ['STATE_CORRUPT', { 'ledger.json': '{ "format": 1, ' }, 'is no JSON'],
    ['STATE_CORRUPT', { 'ledger.json': '{ "format": 1 }' }, 'generation'],
    ['STATE_CORRUPT', { 'README.md': 'x' }, 'holds no ledger.json'],
    ['STATE_VERSION', { 'ledger.json': '{ "format": 2 }' }, 'format 2'],
  ])('is refused with %s where it holds %j', async (code, files, words) => {
    const branch = await machine();
    await branch.replace(await branch.prepare(new Map(Object.entries(files)), 'By hand', new Date()), null);
    await expect(take()).rejects.toMatchObject({ code, message: expect.stringContaining(words) });
  });
});

describe('of several runs', () => {
  it('one gets the state, and the others learn who has it', async () => {
    const results = await Promise.allSettled(Array.from({ length: 4 }, (_, i) => take({ by: `run ${i}` })));
    const taken = results.filter((result) => result.status === 'fulfilled');
    expect(taken).toHaveLength(1);
    for (const result of results)
      if (result.status === 'rejected') expect(result.reason).toMatchObject({ code: 'STATE_BUSY' });
    await expect(take()).rejects.toThrow(/Another run is at work: run \d/);
    await taken[0]?.value.release();
    await expect(take()).resolves.toBeDefined();
  });

  it('one takes over a hold that ran out, and from then on nothing of the other gets through', async () => {
    const slow = await take({ holdMs: 1, by: 'the slow one' });
    const quick = await take({ by: 'the quick one' });
    await expect(slow.push()).rejects.toMatchObject({
      code: 'STATE_LOST',
      message: expect.stringContaining('the quick one'),
    });
    expect(slow.lost.aborted).toBe(true);
    await expect(slow.push()).rejects.toMatchObject({ code: 'STATE_LOST' });
    const before = tip();
    await slow.release();
    expect(tip()).toBe(before);
    await quick.push();
  });

  it('one follows a commit that a person puts on top while it is at work', async () => {
    const held = await take();
    const branch = await machine();
    const found = await stateNow();
    const files = new Map(filesOf(found)).set('note.txt', 'mine\n');
    expect(await branch.replace(await branch.prepare(files, 'A note', new Date()), found.commit)).toBe(true);
    await held.push();
    await held.release();
    expect((await stateNow()).ledger.hold).toBeNull();
  });
});

describe('a push', () => {
  it('counts where it went through and only the answer got lost', async () => {
    const held = await take();
    hook('post-receive', 'kill -9 $PPID');
    await held.push();
    expect(held.state.commit).toBe(tip());
    expect(held.lost.aborted).toBe(false);
  });

  it('is tried again, and ends the work where the server refuses it', async () => {
    const held = await take();
    hook('pre-receive', `echo x >>${join(folder, 'tries')}; echo "no force-push here" >&2; exit 1`);
    await expect(held.push()).rejects.toMatchObject({ code: 'STATE_NOT_WRITTEN' });
    expect(readFileSync(join(folder, 'tries'), 'utf8').trim().split('\n')).toHaveLength(3);
    expect(held.lost.aborted).toBe(true);
  });
});

describe('the ledger of a machine that is thrown away', () => {
  const open = async (held: HeldState) => {
    const opened = await testDatabase();
    onTestFinished(opened.close);
    const db = opened.database;
    await ensureBudget(db, OrchestratorConfig.parse({}).budget.phases);
    held.follow(async () => ({
      dump: await dumpDatabase(opened.url),
      reading: { wakeAt: null, ...(await readForPeople(db)) },
    }));
    onTestFinished(() => held.release().catch(() => {}));
    return { db, ledger: new PushedLedger(db, held) };
  };
  const reservation = () => ({
    attemptId: newAttemptId(),
    budgetIds: [GLOBAL_BUDGET],
    amountNanoUsd: 1_000_000n,
    deadlineMs: 60_000,
  });

  it('has every reservation on the branch before its call, however many ask at once', async () => {
    const { ledger } = await open(await take());
    const attempts = Array.from({ length: 6 }, reservation);
    await Promise.all(
      attempts.map(async (attempt) => {
        await ledger.reserve(attempt);
        // Now the call would be made.
        expect((await stateNow()).tables.get('budget_entry')).toContain(attempt.attemptId);
      }),
    );
    expect((await stateNow()).ledger.open).toHaveLength(6);
  });

  it('gives a reservation back that could not be kept, and lets no call be made', async () => {
    const held = await take({ holdMs: 60_000 });
    const { db, ledger } = await open(held);
    await ledger.reserve(reservation());
    const found = await stateNow();
    // Another run takes over: its hold, on the state that is there.
    const branch = await machine();
    const hold = {
      ...(found.ledger.hold as NonNullable<typeof found.ledger.hold>),
      id: crypto.randomUUID(),
      by: 'another',
    };
    const files = filesOf({ ...found, ledger: { ...found.ledger, hold } });
    await branch.replace(await branch.prepare(files, 'Taken', new Date()), found.commit);

    const late = reservation();
    await expect(ledger.reserve(late)).rejects.toMatchObject({ code: 'STATE_LOST' });
    const entries = await db.budgetEntry.findMany({ where: { attemptId: late.attemptId }, orderBy: { id: 'asc' } });
    expect(entries.map(({ kind }) => kind)).toEqual(['reserve', 'release']);
    // What was reserved before is on the branch, and counts for the other.
    expect((await stateNow()).ledger.open).toHaveLength(1);
  });
});
