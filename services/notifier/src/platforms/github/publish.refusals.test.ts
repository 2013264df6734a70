import { describe, expect, test } from 'vitest';
import { githubScenes } from '../../../test/github-scene.ts';

const use = githubScenes();

describe('what GitHub refuses is a clear state:', () => {
  test('a secondary rate limit is waited for as long as it says', async () => {
    const headers = { 'retry-after': '120' };
    const body = { message: 'You have exceeded a secondary rate limit.' };
    use.scene.server.faults.next([{ kind: 'status', status: 403, headers, body }], {
      method: 'POST',
      path: /\/pulls$/,
    });
    const stage = await use.parked(await use.scene.judge());
    expect(stage).toMatchObject({ parkedReason: 'rate_limit', parkedDetail: { code: 'GITHUB_RATE_LIMITED' } });
    expect(Math.abs((stage?.availableAt.getTime() ?? 0) - Date.now() - 120_000)).toBeLessThan(30_000);
  });

  test('a used-up primary limit is waited for until its reset', async () => {
    const reset = Math.floor(Date.now() / 1000) + 900;
    const headers = { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(reset) };
    const run = await use.scene.judge();
    use.scene.server.faults.next([
      { kind: 'status', status: 403, headers, body: { message: 'API rate limit exceeded' } },
    ]);
    const stage = await use.parked(run);
    expect(stage?.parkedDetail).toMatchObject({ code: 'GITHUB_RATE_LIMITED' });
    // A wait is stored as a time from now, on the database's clock.
    expect(Math.abs((stage?.availableAt.getTime() ?? 0) - reset * 1000 - 1_000)).toBeLessThan(5_000);
  });

  test('a token without the right to push', async () => {
    use.scene.server.grants.contents = 'read';
    const stage = await use.parked(await use.scene.judge());
    expect(stage).toMatchObject({
      parkedReason: 'configuration',
      parkedDetail: { code: 'GITHUB_FORBIDDEN', next: expect.stringContaining('contents and pull requests') },
    });
    expect(use.scene.branch('ai/greet')).toBeNull();
    expect(use.scene.server.pulls).toEqual([]);
  });

  test('a token without the right to open pull requests, which is named; it goes on once it has it', async () => {
    use.scene.server.grants.pull_requests = 'read';
    const run = await use.scene.judge();
    const stage = await use.parked(run);
    expect(stage).toMatchObject({ parkedReason: 'configuration', parkedDetail: { code: 'GITHUB_FORBIDDEN' } });
    expect(JSON.stringify(stage?.parkedDetail)).toContain('it takes pull_requests=write');
    use.scene.server.grants.pull_requests = 'write';
    await run.retryNow();
    await run.publish();
    expect((await run.read()).state).toBe('in_review');
    expect(use.only()).toMatchObject({ state: 'open', headSha: run.headCommit });
  });

  test('labels that the token may not give: the offer stands', async () => {
    await use.replace({ orchestratorYaml: 'publish: { labels: [automated] }\n' });
    const headers = { 'x-accepted-github-permissions': 'issues=write; pull_requests=write' };
    const body = { message: 'Resource not accessible by personal access token' };
    use.scene.server.faults.next([{ kind: 'status', status: 403, headers, body }], { path: /\/labels$/ });
    const run = await use.scene.judge();
    await run.publish();
    expect((await run.read()).state).toBe('in_review');
    expect(use.only()).toMatchObject({ state: 'open', labels: [] });
  });

  test('a secondary limit that names no time is waited for a minute', async () => {
    const body = { message: 'You have exceeded a secondary rate limit. Please wait a few minutes.' };
    use.scene.server.faults.next([{ kind: 'status', status: 403, body }], { method: 'POST', path: /\/pulls$/ });
    const stage = await use.parked(await use.scene.judge());
    expect(stage).toMatchObject({ parkedReason: 'rate_limit', parkedDetail: { code: 'GITHUB_RATE_LIMITED' } });
    expect(Math.abs((stage?.availableAt.getTime() ?? 0) - Date.now() - 60_000)).toBeLessThan(30_000);
  });

  test('a repository that is archived', async () => {
    use.scene.server.people.archive();
    const stage = await use.parked(await use.scene.judge());
    expect(stage).toMatchObject({ parkedReason: 'configuration', parkedDetail: { code: 'GITHUB_FORBIDDEN' } });
    expect(JSON.stringify(stage?.parkedDetail)).toContain('it is archived');
  });

  test('a pull request that GitHub finds invalid, with its words', async () => {
    const errors = [{ resource: 'PullRequest', field: 'base', code: 'invalid' }];
    const body = { message: 'Validation Failed', errors };
    use.scene.server.faults.next([{ kind: 'status', status: 422, body }], { method: 'POST', path: /\/pulls$/ });
    const stage = await use.parked(await use.scene.judge());
    expect(stage).toMatchObject({ state: 'pending', errorCount: 1, lastError: { code: 'PUBLISH_FAILED' } });
    expect(JSON.stringify(stage?.lastError)).toContain('base invalid');
  });

  test('a wrong token', async () => {
    const run = await use.scene.judge();
    use.scene.server.faults.next([{ kind: 'status', status: 401, body: { message: 'Bad credentials' } }]);
    expect(await use.parked(run)).toMatchObject({
      parkedReason: 'configuration',
      parkedDetail: { code: 'KEY_REJECTED' },
    });
  });

  test('a repository that is gone or renamed', async () => {
    const run = await use.scene.judge();
    use.scene.server.faults.next([{ kind: 'status', status: 404, body: { message: 'Not Found' } }]);
    const stage = await use.parked(run);
    expect(stage).toMatchObject({ parkedReason: 'configuration', parkedDetail: { code: 'GITHUB_NOT_FOUND' } });
  });

  test('a server error is tried again, and counted', async () => {
    const run = await use.scene.judge();
    use.scene.server.faults.next([{ kind: 'status', status: 502, body: { message: 'Bad gateway' } }]);
    expect(await use.parked(run)).toMatchObject({
      state: 'pending',
      errorCount: 1,
      lastError: { code: 'PUBLISH_FAILED' },
    });
    await run.retryNow();
    await run.publish();
    expect((await run.read()).state).toBe('in_review');
  });
});
