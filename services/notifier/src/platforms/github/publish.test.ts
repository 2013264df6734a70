import { readEnvironment } from '@orchestrator/shared/config/environment.ts';
import { OrchestratorConfig } from '@orchestrator/shared/config/schema.ts';
import { githubPlatform } from '@orchestrator/shared/publish/github-platform.ts';
import type { PublishRequest } from '@orchestrator/shared/publish/platform.ts';
import { describe, expect, test } from 'vitest';
import { githubScenes, TOKEN } from '../../../test/github-scene.ts';

const use = githubScenes();
const writes = () =>
  use.scene.server.requests.filter(({ method, path }) => method !== 'GET' && path.startsWith('/repos/'));

describe('a change that passed', () => {
  test('is pushed and becomes a pull request with the evidence', async () => {
    const run = await use.scene.judge();
    await run.publish();
    expect(use.scene.branch('ai/greet')).toBe(run.headCommit);
    const pull = use.only();
    expect(pull).toMatchObject({ state: 'open', title: 'A task', base: 'main', draft: false, headSha: run.headCommit });
    expect(pull.body).toContain('Adds a greeting.');
    const after = await run.read();
    expect(after.state).toBe('in_review');
    expect(after.pullRequests).toMatchObject([{ number: pull.number, state: 'open', branch: 'ai/greet' }]);
    expect(after.pullRequests[0]?.url).toMatch(/\/acme\/widgets\/pull\/1$/);
  });

  test('is opened as the configuration says, and stands where GitHub refuses a reviewer', async () => {
    const orchestratorYaml = 'publish: { draft: true, labels: [automated, ai], reviewers: ["orchestrator[bot]"] }\n';
    await use.replace({ orchestratorYaml });
    const run = await use.scene.judge();
    await run.publish();
    expect(use.only()).toMatchObject({ draft: true, labels: ['automated', 'ai'], reviewers: [] });
    expect((await run.read()).state).toBe('in_review');
  });

  test('leaves no trace of the token in the database, the mirror or the commit', async () => {
    const run = await use.scene.judge();
    await run.publish();
    expect(
      JSON.stringify(await run.read(), (_, value) => (typeof value === 'bigint' ? String(value) : value)),
    ).not.toContain(TOKEN);
    expect(use.scene.remote.git('log', '--all', '--format=%B%an%ae%cn%ce')).not.toContain(TOKEN);
    expect(run.mirror.identity.url).not.toContain(TOKEN);
  });
});

describe('one pull request a task, ever:', () => {
  test('a crash between push and creation is taken up', async () => {
    const run = await use.scene.judge();
    await run.mirror.push('ai/greet', run.headCommit, null);
    await run.publish();
    expect(use.only().headSha).toBe(run.headCommit);
    expect((await run.read()).state).toBe('in_review');
  });

  test('a creation whose answer got lost is found', async () => {
    use.scene.server.faults.next([{ kind: 'lost-answer' }], { method: 'POST', path: /\/pulls$/ });
    const run = await use.scene.judge();
    await run.publish();
    expect((await run.read()).state).toBe('publishing');
    await run.retryNow();
    await run.publish();
    expect(use.only().state).toBe('open');
    expect((await run.read()).state).toBe('in_review');
  });

  test('a later run of the task updates it in place', async () => {
    const first = await use.scene.judge();
    await first.publish();
    const second = await use.again(first);
    await second.publish();
    expect(use.only()).toMatchObject({ headSha: second.headCommit, state: 'open' });
    expect(use.only().body).toContain(second.runId);
    const earlier = await first.read();
    expect(earlier).toMatchObject({ state: 'cancelled', endCode: 'RUN_SUPERSEDED', pullRequests: [] });
    expect(earlier.events.filter(({ type }) => type === 'run.cancelled')).toHaveLength(1);
    expect(await use.db.pullOutcome.findMany({ where: { runId: first.runId } })).toMatchObject([
      { result: 'superseded', cause: null, number: 1 },
    ]);
  });

  test('one that a person opened for the branch is adopted', async () => {
    const run = await use.scene.judge();
    await run.mirror.push('ai/greet', run.headCommit, null);
    await fetch(`${use.scene.server.url}/repos/acme/widgets/pulls`, {
      method: 'POST',
      headers: { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json', 'user-agent': 'person' },
      body: JSON.stringify({ title: 'By hand', head: 'ai/greet', base: 'main' }),
    });
    await run.publish();
    expect(use.only()).toMatchObject({ title: 'A task', state: 'open' });
  });

  test('two that publish at once, one of them a worker that has lost its lease, make one', async () => {
    const { mirror, headCommit } = await use.scene.judge();
    const platform = githubPlatform(
      { owner: 'acme', repo: 'widgets' },
      readEnvironment({ GITHUB_TOKEN: TOKEN, GITHUB_API_URL: use.scene.server.url }, '/'),
    );
    const request: PublishRequest = {
      mirror,
      branch: 'ai/greet',
      baseCommit: use.scene.baseCommit,
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
    expect(use.only()).toMatchObject({ state: 'open', headSha: headCommit });
  });

  test('publishing the same again writes nothing', async () => {
    const run = await use.scene.judge();
    await run.publish();
    const before = writes().length;
    await run.reopen();
    await run.publish();
    expect(writes()).toHaveLength(before);
    expect((await run.read()).state).toBe('in_review');
  });
});
