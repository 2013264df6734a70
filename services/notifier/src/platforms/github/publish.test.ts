import { OrchestratorConfig } from '@orchestrator/shared/config/schema.ts';
import { type TestDatabase, testDatabase } from '@orchestrator/testkit/postgres.ts';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type GitHubScene, githubScene, TOKEN } from '../../../test/github-scene.ts';
import { file } from '../../../test/judged-run.ts';
import type { PublishRequest } from '../platform.ts';
import { githubPlatform } from './publish.ts';

let database: TestDatabase;
let scene: GitHubScene;

beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.close());
beforeEach(async () => {
  scene = await githubScene(database.database);
});
afterEach(() => scene.close());

const only = () => {
  expect(scene.server.pulls).toHaveLength(1);
  return scene.server.pulls[0] as (typeof scene.server.pulls)[number];
};
const writes = () => scene.server.requests.filter(({ method, path }) => method !== 'GET' && path.startsWith('/repos/'));
const again = (first: Awaited<ReturnType<GitHubScene['judge']>>, number = 2, content = 'better\n') =>
  scene.judge({ task: { ...first, number }, files: [file('src/greet.js', content)] });

describe('a change that passed', () => {
  test('is pushed and becomes a pull request with the evidence', async () => {
    const run = await scene.judge();
    await run.publish();
    expect(scene.branch('ai/greet')).toBe(run.headCommit);
    const pull = only();
    expect(pull).toMatchObject({ state: 'open', title: 'A task', base: 'main', draft: false, headSha: run.headCommit });
    expect(pull.body).toContain('Adds a greeting.');
    const after = await run.read();
    expect(after.state).toBe('in_review');
    expect(after.pullRequests).toMatchObject([{ number: pull.number, state: 'open', branch: 'ai/greet' }]);
    expect(after.pullRequests[0]?.url).toMatch(/\/acme\/widgets\/pull\/1$/);
  });

  test('is opened as the configuration says, and stands where GitHub refuses a reviewer', async () => {
    await scene.close();
    const publish = 'publish: { draft: true, labels: [automated, ai], reviewers: ["orchestrator[bot]"] }\n';
    scene = await githubScene(database.database, publish);
    const run = await scene.judge();
    await run.publish();
    expect(only()).toMatchObject({ draft: true, labels: ['automated', 'ai'], reviewers: [] });
    expect((await run.read()).state).toBe('in_review');
  });

  test('leaves no trace of the token in the database, the mirror or the commit', async () => {
    const run = await scene.judge();
    await run.publish();
    expect(
      JSON.stringify(await run.read(), (_, value) => (typeof value === 'bigint' ? String(value) : value)),
    ).not.toContain(TOKEN);
    expect(scene.remote.git('log', '--all', '--format=%B%an%ae%cn%ce')).not.toContain(TOKEN);
    expect(run.mirror.identity.url).not.toContain(TOKEN);
  });
});

describe('one pull request a task, ever:', () => {
  test('a crash between push and creation is taken up', async () => {
    const run = await scene.judge();
    await run.mirror.push('ai/greet', run.headCommit, null);
    await run.publish();
    expect(only().headSha).toBe(run.headCommit);
    expect((await run.read()).state).toBe('in_review');
  });

  test('a creation whose answer got lost is found', async () => {
    scene.server.faults.next([{ kind: 'lost-answer' }], { method: 'POST', path: /\/pulls$/ });
    const run = await scene.judge();
    await run.publish();
    expect((await run.read()).state).toBe('publishing');
    await run.retryNow();
    await run.publish();
    expect(only().state).toBe('open');
    expect((await run.read()).state).toBe('in_review');
  });

  test('a later run of the task updates it in place', async () => {
    const first = await scene.judge();
    await first.publish();
    const second = await again(first);
    await second.publish();
    expect(only()).toMatchObject({ headSha: second.headCommit, state: 'open' });
    expect(only().body).toContain(second.runId);
  });

  test('one that a person opened for the branch is adopted', async () => {
    const run = await scene.judge();
    await run.mirror.push('ai/greet', run.headCommit, null);
    await fetch(`${scene.server.url}/repos/acme/widgets/pulls`, {
      method: 'POST',
      headers: { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json', 'user-agent': 'person' },
      body: JSON.stringify({ title: 'By hand', head: 'ai/greet', base: 'main' }),
    });
    await run.publish();
    expect(only()).toMatchObject({ title: 'A task', state: 'open' });
  });

  test('two that publish at once, one of them a worker that has lost its lease, make one', async () => {
    const { mirror, headCommit } = await scene.judge();
    const platform = githubPlatform(
      { owner: 'acme', repo: 'widgets' },
      { GITHUB_TOKEN: TOKEN, GITHUB_API_URL: scene.server.url },
    );
    const request: PublishRequest = {
      mirror,
      branch: 'ai/greet',
      baseCommit: scene.baseCommit,
      headCommit,
      isOurs: async (commit) => commit === headCommit,
      authorName: 'AI',
      authorEmail: 'ai@localhost',
      offer: { title: 'Greet', body: 'b', taskKey: 'greet', textHash: 'h', askedFor: false, base: 'main' },
      rules: OrchestratorConfig.parse({}).publish,
      signal: new AbortController().signal,
      confirmHeld: async () => {},
    };
    const results = await Promise.allSettled([platform.publish(request), platform.publish(request)]);
    const published = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value.number] : []));
    expect(new Set(published)).toEqual(new Set([1]));
    // The other may have found the branch moved: then it says so, and is tried again.
    for (const result of results)
      if (result.status === 'rejected')
        expect(result.reason).toMatchObject({ code: 'PUBLISH_FAILED', retryable: true });
    expect(only()).toMatchObject({ state: 'open', headSha: headCommit });
  });

  test('publishing the same again writes nothing', async () => {
    const run = await scene.judge();
    await run.publish();
    const before = writes().length;
    await run.reopen();
    await run.publish();
    expect(writes()).toHaveLength(before);
    expect((await run.read()).state).toBe('in_review');
  });
});

describe('what people did is respected:', () => {
  test('closed means no, until the text of the task changes', async () => {
    const first = await scene.judge();
    await first.publish();
    await scene.server.people.close(only().number);
    const same = await again(first, 1_000);
    await database.database.run.update({ where: { id: same.runId }, data: { number: 1, taskRevision: 2 } });
    await same.publish();
    expect(await same.read()).toMatchObject({ state: 'rejected', endCode: 'PUBLISH_CLOSED' });
    expect(scene.branch('ai/greet')).toBe(first.headCommit);

    await database.database.task.update({ where: { id: first.taskId }, data: { textHash: 'another' } });
    const edited = await again(first, 1_001, 'best\n');
    await database.database.run.update({ where: { id: edited.runId }, data: { number: 1, taskRevision: 3 } });
    await edited.publish();
    expect(await edited.read()).toMatchObject({ state: 'in_review' });
    expect(scene.server.pulls.map(({ state }) => state)).toEqual(['closed', 'open']);
  });

  test('a person who asks for another run after closing gets a new offer', async () => {
    const first = await scene.judge();
    await first.publish();
    await scene.server.people.close(only().number);
    const retried = await again(first);
    await retried.publish();
    expect((await retried.read()).state).toBe('in_review');
    expect(scene.server.pulls.map(({ state }) => state)).toEqual(['closed', 'open']);
  });

  test('one that was reopened is updated', async () => {
    const first = await scene.judge();
    await first.publish();
    await scene.server.people.close(only().number);
    scene.server.people.reopen(only().number);
    const second = await again(first);
    await second.publish();
    expect(only()).toMatchObject({ state: 'open', headSha: second.headCommit });
  });

  test('an edited body stays while ours would say the same', async () => {
    const run = await scene.judge();
    await run.publish();
    scene.server.people.edit(only().number, (body) => `A note of mine.\n${body}`);
    await run.reopen();
    await run.publish();
    expect(only().body).toMatch(/^A note of mine\./);
  });

  const commitByHand = () => {
    scene.person.git('fetch', '--quiet', 'origin');
    scene.person.git('checkout', '--quiet', '-B', 'ai/greet', 'origin/ai/greet');
    const commit = scene.person.commit({ 'fix.txt': 'by hand\n' });
    scene.person.git('push', '--quiet', 'origin', 'ai/greet');
    return commit;
  };

  test('a commit of somebody else on the branch means hands off', async () => {
    const first = await scene.judge();
    await first.publish();
    const theirs = commitByHand();
    const second = await again(first);
    await second.publish();
    expect(await second.read()).toMatchObject({ state: 'failed', endCode: 'PUBLISH_FOREIGN_COMMIT' });
    expect(scene.branch('ai/greet')).toBe(theirs);
  });

  test.each(['label', 'box'])('until they ask for a rebuild by %s', async (by) => {
    const first = await scene.judge();
    await first.publish();
    commitByHand();
    const { number } = only();
    if (by === 'label') scene.server.people.label(number, 'ai: rebuild');
    else scene.server.people.edit(number, (body) => body.replace('- [ ] ', '- [x] '));
    const second = await again(first);
    await second.publish();
    expect((await second.read()).state).toBe('in_review');
    expect(scene.branch('ai/greet')).toBe(second.headCommit);
    expect(only().labels).toEqual([]);
    expect(only().body).not.toContain('- [x] ');
  });

  test('a branch that somebody made without a pull request is left alone', async () => {
    scene.person.git('push', '--quiet', 'origin', 'HEAD:refs/heads/ai/greet');
    const run = await scene.judge();
    await run.publish();
    expect(await run.read()).toMatchObject({ state: 'failed', endCode: 'PUBLISH_FOREIGN_COMMIT' });
    expect(scene.branch('ai/greet')).toBe(scene.baseCommit);
    expect(scene.server.pulls).toEqual([]);
  });
});

test('while another change of the repository is being published it waits, but not for one that died', async () => {
  const run = await scene.judge();
  const hold = (until: string) =>
    database.database.setting.upsert({
      where: { key: `publishing:${run.repositoryId}` },
      create: { key: `publishing:${run.repositoryId}`, value: { holder: 'another', until } },
      update: { value: { holder: 'another', until } },
    });
  await hold('2999-01-01T00:00:00Z');
  await run.publish();
  expect((await run.read()).stageRuns[0]).toMatchObject({ state: 'pending', parkedDetail: { code: 'PUBLISH_BUSY' } });
  await hold('2020-01-01T00:00:00Z');
  await run.retryNow();
  await run.publish();
  expect((await run.read()).state).toBe('in_review');
  expect(await database.database.setting.count({ where: { key: `publishing:${run.repositoryId}` } })).toBe(0);
});

describe('limits', () => {
  test('of an hour: the third waits until the first is an hour old', async () => {
    for (const branch of ['ai/one', 'ai/two']) await (await scene.judge({ branch })).publish();
    const third = await scene.judge({ branch: 'ai/three' });
    await third.publish();
    const [stage] = (await third.read()).stageRuns;
    expect(stage).toMatchObject({
      state: 'pending',
      parkedReason: 'rate_limit',
      parkedDetail: { code: 'PUBLISH_LIMIT' },
    });
    const firstAt = new Date(scene.server.pulls[0]?.createdAt as string).getTime();
    expect(Math.abs((stage?.availableAt.getTime() ?? 0) - firstAt - 3_600_000)).toBeLessThan(5_000);
    expect(scene.branch('ai/three')).toBeNull();
    expect(scene.server.pulls).toHaveLength(2);
  });

  test('of open ones: it waits; an update of an open one does not', async () => {
    await scene.close();
    scene = await githubScene(database.database, 'publish: { maxOpen: 1, maxPerHour: 99 }\n');
    const first = await scene.judge();
    await first.publish();
    const other = await scene.judge({ branch: 'ai/other' });
    await other.publish();
    expect((await other.read()).stageRuns[0]).toMatchObject({
      state: 'pending',
      parkedDetail: { code: 'PUBLISH_LIMIT' },
    });
    const second = await again(first);
    await second.publish();
    expect((await second.read()).state).toBe('in_review');
  });
});

describe('what GitHub refuses is a clear state:', () => {
  const parked = async (run: Awaited<ReturnType<GitHubScene['judge']>>) => {
    await run.publish();
    const { stageRuns, state } = await run.read();
    expect(state).toBe('publishing');
    return stageRuns[0];
  };

  test('a secondary rate limit is waited for as long as it says', async () => {
    const headers = { 'retry-after': '120' };
    const body = { message: 'You have exceeded a secondary rate limit.' };
    scene.server.faults.next([{ kind: 'status', status: 403, headers, body }], { method: 'POST', path: /\/pulls$/ });
    const stage = await parked(await scene.judge());
    expect(stage).toMatchObject({ parkedReason: 'rate_limit', parkedDetail: { code: 'GITHUB_RATE_LIMITED' } });
    expect(Math.abs((stage?.availableAt.getTime() ?? 0) - Date.now() - 120_000)).toBeLessThan(30_000);
  });

  test('a used-up primary limit is waited for until its reset', async () => {
    const reset = Math.floor(Date.now() / 1000) + 900;
    const headers = { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(reset) };
    const run = await scene.judge();
    scene.server.faults.next([{ kind: 'status', status: 403, headers, body: { message: 'API rate limit exceeded' } }]);
    const stage = await parked(run);
    expect(stage?.parkedDetail).toMatchObject({ code: 'GITHUB_RATE_LIMITED' });
    // A wait is stored as a time from now, on the database's clock.
    expect(Math.abs((stage?.availableAt.getTime() ?? 0) - reset * 1000 - 1_000)).toBeLessThan(5_000);
  });

  test('a token that may not push', async () => {
    scene.server.git.readOnly = true;
    const stage = await parked(await scene.judge());
    expect(stage).toMatchObject({ parkedReason: 'configuration', parkedDetail: { code: 'GITHUB_FORBIDDEN' } });
  });

  test('a token that may not open pull requests', async () => {
    const body = { message: 'Resource not accessible by personal access token' };
    scene.server.faults.next([{ kind: 'status', status: 403, body }], { method: 'POST', path: /\/pulls$/ });
    const stage = await parked(await scene.judge());
    expect(stage).toMatchObject({ parkedReason: 'configuration', parkedDetail: { code: 'GITHUB_FORBIDDEN' } });
    expect(JSON.stringify(stage?.parkedDetail)).toContain('Resource not accessible');
  });

  test('a wrong token', async () => {
    const run = await scene.judge();
    scene.server.faults.next([{ kind: 'status', status: 401, body: { message: 'Bad credentials' } }]);
    expect(await parked(run)).toMatchObject({ parkedReason: 'configuration', parkedDetail: { code: 'KEY_REJECTED' } });
  });

  test('a repository that is gone or renamed', async () => {
    const run = await scene.judge();
    scene.server.faults.next([{ kind: 'status', status: 404, body: { message: 'Not Found' } }]);
    const stage = await parked(run);
    expect(stage).toMatchObject({ parkedReason: 'configuration', parkedDetail: { code: 'GITHUB_NOT_FOUND' } });
  });

  test('a server error is tried again, and counted', async () => {
    const run = await scene.judge();
    scene.server.faults.next([{ kind: 'status', status: 502, body: { message: 'Bad gateway' } }]);
    expect(await parked(run)).toMatchObject({ state: 'pending', errorCount: 1, lastError: { code: 'PUBLISH_FAILED' } });
    await run.retryNow();
    await run.publish();
    expect((await run.read()).state).toBe('in_review');
  });
});
