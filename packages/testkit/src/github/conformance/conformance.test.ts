import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type GitHubServer, startGitHubServer } from '../server.ts';
import { requestErrors } from './check-request.ts';
import { responseErrors } from './check-response.ts';
import { githubDescription } from './description.ts';
import { OPERATIONS } from './operations.ts';

const request = (method: string, path: string, body?: unknown) => {
  const url = new URL(path, 'http://server');
  return { method, path: url.pathname, query: url.searchParams, ...(body === undefined ? {} : { body }) };
};

test('the description holds what is named, and nothing else', () => {
  const held = githubDescription().operations.map(({ method, template }) => `${method} ${template}`);
  expect(held.toSorted()).toEqual(OPERATIONS.toSorted());
});

describe('a request as GitHub describes it passes:', () => {
  test.each([
    ['GET', '/repos/acme/widgets/pulls?state=all&head=acme:ai/greet&per_page=100'],
    ['POST', '/repos/acme/widgets/pulls', { title: 'A', head: 'ai/greet', base: 'main', body: 'b', draft: false }],
    ['PATCH', '/repos/acme/widgets/pulls/1', { state: 'closed', body: 'b' }],
    ['POST', '/repos/acme/widgets/issues/1/labels', { labels: ['ai'] }],
    ['DELETE', '/repos/acme/widgets/issues/1/labels/ai%3A%20rebuild'],
    ['GET', '/repos/acme/widgets/git/ref/heads/ai/greet'],
  ])('%s %s', (method, path, body?: unknown) => {
    expect(requestErrors(request(method, path, body))).toEqual([]);
  });
});

describe('a request that departs from it does not:', () => {
  test.each([
    ['an unknown path', 'GET', '/repos/acme/widgets/pull/1', undefined, /no such operation/],
    ['a method that it has not', 'PUT', '/repos/acme/widgets/pulls/1', {}, /no such operation/],
    ['an unknown parameter', 'GET', '/repos/acme/widgets/pulls?branch=x', undefined, /parameter branch is not known/],
    ['a value that it has not', 'GET', '/repos/acme/widgets/pulls?state=merged', undefined, /query state/],
    ['a parameter of another type', 'GET', '/repos/acme/widgets/pulls?page=last', undefined, /query page/],
    ['a part of the path of another type', 'GET', '/repos/acme/widgets/pulls/one', undefined, /path pull_number/],
    ['no body', 'POST', '/repos/acme/widgets/pulls', undefined, /body is missing/],
    ['a field that lacks', 'POST', '/repos/acme/widgets/pulls', { title: 'A', head: 'x' }, /'base'/],
    ['a field of another type', 'PATCH', '/repos/acme/widgets/pulls/1', { title: 7 }, /title must be string/],
    ['an unknown field', 'PATCH', '/repos/acme/widgets/pulls/1', { status: 'closed' }, /"status"/],
    ['a body where none goes', 'GET', '/user', { a: 1 }, /not expected/],
  ])('%s', (_what, method, path, body, said) => {
    expect(requestErrors(request(method, path, body)).join('\n')).toMatch(said);
  });
});

describe('an answer', () => {
  const pull = (status: number, body: unknown) => responseErrors(request('GET', '/repos/a/b/pulls/1'), status, body);

  test('may lack what nobody reads', () => {
    expect(pull(200, { number: 1, merged_at: null, head: { ref: 'x', sha: 'y' } })).toEqual([]);
  });

  test.each([
    ['a status that is not described', 201, { number: 1 }, /status 201/],
    ['a field that GitHub does not send', 200, { number: 1, pull_number: 1 }, /pull_number/],
    ['a value of another type', 200, { number: '1' }, /number must be integer/],
    ['null where there is a value', 200, { number: null }, /number must be integer/],
  ])('may not have %s', (_what, status, body, said) => {
    expect(pull(status, body).join('\n')).toMatch(said);
  });
});

describe('a server that compares', () => {
  let folder: string;
  let server: GitHubServer;
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'github-'));
    const options = { owner: 'acme', repository: 'widgets', gitDirectory: folder, token: 'secret' };
    server = await startGitHubServer({ ...options, compared: 'requests and answers' });
  });
  afterEach(() => rmSync(folder, { recursive: true }));
  const headers = { authorization: 'Bearer secret', 'user-agent': 'test' };

  test('ends well where everything was as described', async () => {
    await fetch(`${server.url}/repos/acme/widgets/pulls?state=open`, { headers });
    expect(server.departures).toEqual([]);
    await server.close();
  });

  test('makes the test fail that sent something else, even where the server answered', async () => {
    const answer = await fetch(`${server.url}/repos/acme/widgets/pulls?branch=x`, { headers });
    expect(answer.status).toBe(200);
    await expect(server.close()).rejects.toThrow(/pulls: the query parameter branch is not known/);
  });
});
