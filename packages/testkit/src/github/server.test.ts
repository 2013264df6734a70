import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Octokit } from '@octokit/rest';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type GitHubServer, startGitHubServer } from './server.ts';

const at = { owner: 'acme', repo: 'widgets' };
let folder: string;
let server: GitHubServer;
let github: Octokit;
let base: string;

const quiet = () => {};
const log = { debug: quiet, info: quiet, warn: quiet, error: quiet };

const git = (cwd: string, ...args: string[]) =>
  execFileSync('git', ['-c', 'user.name=Test', '-c', 'user.email=test@localhost', ...args], {
    cwd,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  }).trim();

/** Pushes a commit on a new branch; returns its id. */
function push(branch: string): string {
  const work = join(folder, 'work');
  git(work, 'checkout', '-q', '-B', branch, base);
  writeFileSync(join(work, `${branch.replaceAll('/', '-')}.txt`), branch);
  git(work, 'add', '.');
  git(work, 'commit', '-q', '-m', `Add ${branch}`);
  git(work, 'push', '-q', '-f', 'origin', branch);
  return git(work, 'rev-parse', 'HEAD');
}

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'github-'));
  git(folder, 'init', '-q', '--bare', '-b', 'main', 'remote.git');
  git(folder, 'clone', '-q', join(folder, 'remote.git'), 'work');
  const work = join(folder, 'work');
  writeFileSync(join(work, 'a.txt'), 'a');
  git(work, 'add', '.');
  git(work, 'commit', '-q', '-m', 'Begin');
  git(work, 'push', '-q', 'origin', 'HEAD:main');
  base = git(work, 'rev-parse', 'HEAD');
  server = await startGitHubServer({
    owner: 'acme',
    repository: 'widgets',
    gitDirectory: join(folder, 'remote.git'),
    token: 'secret',
    compared: 'requests and answers',
  });
  github = new Octokit({
    auth: 'secret',
    baseUrl: server.url,
    log,
  });
});
afterEach(async () => {
  await server.close();
  rmSync(folder, { recursive: true, force: true });
});

const open = (head = 'ai/events', title = 'Events') =>
  github.pulls.create({ ...at, head, base: 'main', title, body: 'text' });

describe('the GitHub server', () => {
  it('describes the repository, and knows no other', async () => {
    expect((await github.repos.get(at)).data).toMatchObject({
      full_name: 'acme/widgets',
      default_branch: 'main',
      permissions: { push: true },
    });
    await expect(github.repos.get({ owner: 'acme', repo: 'other' })).rejects.toMatchObject({ status: 404 });
  });

  it('refuses a wrong token', async () => {
    await expect(
      new Octokit({ auth: 'wrong', baseUrl: server.url, log }).users.getAuthenticated(),
    ).rejects.toMatchObject({
      status: 401,
    });
  });

  it('opens a pull request for a pushed branch, and follows the branch', async () => {
    const first = push('ai/events');
    const { data } = await open();
    expect(data).toMatchObject({
      number: 1,
      state: 'open',
      head: { ref: 'ai/events', sha: first },
      base: { ref: 'main', sha: base },
    });

    const second = push('ai/events');

    expect((await github.pulls.get({ ...at, pull_number: 1 })).data.head.sha).toBe(second);
    expect(
      (await github.pulls.listCommits({ ...at, pull_number: 1 })).data.map(({ commit }) => commit.message),
    ).toEqual(['Add ai/events']);
  });

  it('refuses a second open pull request, a missing branch, and one without commits', async () => {
    push('ai/events');
    await open();

    await expect(open()).rejects.toMatchObject({ status: 422, message: expect.stringContaining('already exists') });
    await expect(open('ai/none')).rejects.toMatchObject({ status: 422 });
    await expect(github.pulls.create({ ...at, head: 'main', base: 'main', title: 'x' })).rejects.toMatchObject({
      status: 422,
      message: expect.stringContaining('No commits'),
    });
  });

  it('finds pull requests by their head, open or closed, page by page', async () => {
    for (const name of ['a', 'b', 'c']) {
      push(`ai/${name}`);
      await open(`ai/${name}`, name);
    }
    await github.pulls.update({ ...at, pull_number: 2, state: 'closed' });

    expect((await github.pulls.list({ ...at, head: 'acme:ai/b' })).data).toEqual([]);
    expect((await github.pulls.list({ ...at, head: 'acme:ai/b', state: 'all' })).data).toMatchObject([
      { number: 2, state: 'closed', merged_at: null },
    ]);
    expect(
      (await github.paginate(github.pulls.list, { ...at, state: 'all', per_page: 1 })).map(({ number }) => number),
    ).toEqual([3, 2, 1]);
  });

  it('updates title and body', async () => {
    push('ai/events');
    await open();

    const { data } = await github.pulls.update({ ...at, pull_number: 1, title: 'New', body: 'words' });

    expect(data).toMatchObject({ title: 'New', body: 'words' });
  });

  it('creates, moves, lists and deletes refs in the repository on disk', async () => {
    const commit = push('topic');
    await github.git.createRef({ ...at, ref: 'refs/heads/ai/x', sha: base });
    await expect(github.git.createRef({ ...at, ref: 'refs/heads/ai/x', sha: base })).rejects.toMatchObject({
      status: 422,
    });

    await github.git.updateRef({ ...at, ref: 'heads/ai/x', sha: commit });
    await expect(github.git.updateRef({ ...at, ref: 'heads/ai/x', sha: base })).rejects.toMatchObject({
      message: expect.stringContaining('not a fast forward'),
    });
    expect(git(join(folder, 'remote.git'), 'rev-parse', 'ai/x')).toBe(commit);
    expect((await github.git.listMatchingRefs({ ...at, ref: 'heads/ai/' })).data.map(({ ref }) => ref)).toEqual([
      'refs/heads/ai/x',
    ]);

    await github.git.deleteRef({ ...at, ref: 'heads/ai/x' });
    await expect(github.git.getRef({ ...at, ref: 'heads/ai/x' })).rejects.toMatchObject({ status: 404 });
  });

  it('keeps comments and labels', async () => {
    push('ai/events');
    await open();
    const issue = { ...at, issue_number: 1 };

    const { data: comment } = await github.issues.createComment({ ...issue, body: 'one' });
    await github.issues.updateComment({ ...at, comment_id: comment.id, body: 'two' });
    server.people.comment(1, 'Looks wrong.');
    await github.issues.addLabels({ ...issue, labels: ['ai'] });

    expect((await github.issues.listComments(issue)).data.map(({ body, user }) => [user?.login, body])).toEqual([
      ['orchestrator[bot]', 'two'],
      ['maintainer', 'Looks wrong.'],
    ]);
    expect((await github.pulls.get({ ...at, pull_number: 1 })).data.labels.map(({ name }) => name)).toEqual(['ai']);
    await expect(github.issues.createLabel({ ...at, name: 'ai' })).rejects.toMatchObject({ status: 422 });
  });

  it('shows what people decide', async () => {
    const commit = push('ai/events');
    await open();
    server.people.review(1, 'CHANGES_REQUESTED', 'Please not.');
    await server.people.merge(1);

    expect((await github.pulls.listReviews({ ...at, pull_number: 1 })).data).toMatchObject([
      { state: 'CHANGES_REQUESTED', body: 'Please not.' },
    ]);
    expect((await github.pulls.get({ ...at, pull_number: 1 })).data).toMatchObject({
      state: 'closed',
      merged: true,
      merge_commit_sha: commit,
    });
    expect(git(join(folder, 'remote.git'), 'rev-parse', 'main')).toBe(commit);
  });

  it('can lose the answer to a request that took effect', async () => {
    push('ai/events');
    server.faults.next([{ kind: 'lost-answer' }], { method: 'POST', path: /pulls$/ });

    await expect(open()).rejects.toThrow();

    expect((await github.pulls.list(at)).data).toHaveLength(1);
  });
});
