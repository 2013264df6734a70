import { sink } from '@orchestrator/shared/boot/logger.ts';
import { createRepositories } from '@orchestrator/shared/boot/repositories.ts';
import { readEnvironment } from '@orchestrator/shared/config/environment.ts';
import { addLesson, changeLesson } from '@orchestrator/shared/lessons/change.ts';
import { LESSONS_FILE } from '@orchestrator/shared/lessons/file/format.ts';
import { learn } from '@orchestrator/shared/lessons/learn.ts';
import { listLessons } from '@orchestrator/shared/lessons/list.ts';
import { beforeEach, expect, test } from 'vitest';
import { type GitHubScene, githubScenes, TOKEN } from '../../test/github-scene.ts';
import { proposeAll } from './lesson-proposals.ts';

const BRANCH = 'ai/lessons+file';
const ADA = { actor: 'cli:ada' };
const use = githubScenes({ orchestratorYaml: 'lessons: { file: pull-request }\npublish: { maxPerHour: 10 }\n' });
let scene: GitHubScene;
let repositoryId: string;

beforeEach(() => begin());

async function begin(): Promise<void> {
  ({ scene } = use);
  await use.db.$executeRaw`TRUNCATE repository, setting CASCADE`;
  ({ id: repositoryId } = await use.db.repository.create({ data: { url: scene.url, name: 'widgets' } }));
}

/** One notifier's look, with a mirror of its own. */
async function look(home = scene.home) {
  const env = readEnvironment({ ORCHESTRATOR_HOME: home, GITHUB_TOKEN: TOKEN, GITHUB_API_URL: scene.server.url }, '/');
  const { log, lines } = sink();
  const repositories = createRepositories(env, log);
  await proposeAll({ db: use.db, env, repositories, log }, new AbortController().signal);
  return lines as readonly { code?: string; msg: string }[];
}
const teach = (text: string) =>
  addLesson(use.db, { repositoryId, text, scope: { language: 'java', paths: [] } }, 60, ADA);
const review = (text: string) =>
  use.db.$transaction((tx) =>
    learn(
      tx,
      {
        repositoryId,
        source: 'review',
        sameAs: text,
        text,
        scope: { paths: [] },
        evidence: { what: 'said', at: '2026-03-01' },
      },
      60,
    ),
  );
const lessons = async () =>
  (await listLessons(use.db, repositoryId, 60)).map(({ text, state, source }) => ({ text, state, source }));
const fileOn = (branch: string) => scene.remote.git('show', `${branch}:${LESSONS_FILE}`);
const pulls = () => scene.server.pulls.map(({ number, state }) => ({ number, state }));

/** As people do who edit the file on the page of the pull request, or in their clone. */
function edit(branch: string, change: (file: string) => string): void {
  scene.person.git('fetch', '--quiet', 'origin');
  scene.person.git('checkout', '--quiet', '-B', 'edits', `origin/${branch}`);
  scene.person.commit({ [LESSONS_FILE]: change(`${fileOn(branch)}\n`) });
  scene.person.git('push', '--quiet', 'origin', `edits:${branch}`);
}

test('the lessons become one pull request, and nothing more happens until one changes', async () => {
  await teach('Close pools.');
  await look();
  expect(pulls()).toEqual([{ number: 1, state: 'open' }]);
  expect(fileOn(BRANCH)).toContain('## For language `java`\n\n- Close pools.');
  const requests = scene.server.requests.length;
  await look();
  const asked = scene.server.requests.slice(requests).filter(({ path }) => path.startsWith('/repos/'));
  expect(asked).toEqual([]);
  await review('Use the logger.');
  await look();
  expect(pulls()).toEqual([{ number: 1, state: 'open' }]);
  expect(fileOn(BRANCH)).toMatch(/- Use the logger\. <!-- lesson: [0-9a-f]{8} -->/);
});

test('two notifiers at once open one', async () => {
  await teach('Close pools.');
  await Promise.all([look(), look(`${scene.home}-2`), look(`${scene.home}-3`)]);
  expect(pulls()).toEqual([{ number: 1, state: 'open' }]);
});

test('a crash between push and creation is followed by the creation', async () => {
  await teach('Close pools.');
  scene.server.faults.next([{ kind: 'reset' }], { method: 'POST', path: /\/pulls$/ });
  await look();
  expect(scene.branch(BRANCH)).not.toBeNull();
  await review('Use the logger.');
  await look();
  expect(pulls()).toEqual([{ number: 1, state: 'open' }]);
  expect(fileOn(BRANCH)).toContain('Use the logger.');
});

test('what people change while they merge is taken over, and not proposed to be undone', async () => {
  await teach('Close pools.');
  await review('Use the logger.');
  await review('Wrong.');
  await look();
  edit(BRANCH, (file) =>
    file
      .replace(/- Wrong\..*\n/, '')
      .replace('Use the logger.', 'Use the logger of the module.')
      .replace('## Everywhere\n\n', '## Everywhere\n\n- Be kind.\n'),
  );
  await scene.server.people.merge(1);
  await look();
  expect(await lessons()).toEqual(
    expect.arrayContaining([
      { text: 'Close pools.', state: 'shown', source: 'person' },
      { text: 'Be kind.', state: 'shown', source: 'person' },
      { text: 'Use the logger of the module.', state: 'shown', source: 'review' },
      { text: 'Wrong.', state: 'off', source: 'review' },
    ]),
  );
  expect(pulls()).toHaveLength(1);
});

test('a line that somebody deletes on the branch retires its lesson, and one that faded is proposed to go', async () => {
  const first = await teach('First.');
  await teach('Second.');
  await look();
  await scene.server.people.merge(1);
  await look();
  edit('main', (file) => file.replace('- Second.\n', ''));
  await changeLesson(use.db, first, { weight: 0.1 }, ADA);
  await teach('Third.');
  await look();
  expect(await lessons()).toEqual(
    expect.arrayContaining([
      { text: 'First.', state: 'faded', source: 'person' },
      { text: 'Second.', state: 'off', source: 'person' },
      { text: 'Third.', state: 'shown', source: 'person' },
    ]),
  );
  expect(pulls()).toMatchObject([{ state: 'closed' }, { state: 'open' }]);
  expect(fileOn(BRANCH)).not.toMatch(/First|Second/);
});

test('closing says no to these lessons; a commit of a person on the branch is left alone', async () => {
  await teach('Close pools.');
  await look();
  await scene.server.people.close(1);
  await look();
  expect(pulls()).toEqual([{ number: 1, state: 'closed' }]);
  await teach('Another.');
  await look();
  expect(pulls()).toMatchObject([{ state: 'closed' }, { state: 'open' }]);
  edit(BRANCH, (file) => `${file}\n- Theirs.\n`);
  await teach('Third.');
  expect(await look()).toContainEqual(expect.objectContaining({ code: 'PUBLISH_FOREIGN_COMMIT' }));
  expect(fileOn(BRANCH)).toContain('Theirs.');
});

test('nothing is proposed where nobody asked for it, or there is nothing to say', async () => {
  await look();
  expect(pulls()).toEqual([]);
  await use.replace({});
  await begin();
  await teach('Close pools.');
  await look();
  expect(pulls()).toEqual([]);
});
