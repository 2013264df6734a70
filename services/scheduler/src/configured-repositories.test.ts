import { afterEach, beforeEach, expect, it } from 'vitest';
import { openScene, type Scene } from '../test/scene.ts';
import { createConfiguredRepositories } from './configured-repositories.ts';

let scene: Scene;
beforeEach(async () => {
  scene = await openScene();
});
afterEach(() => scene.close());

const start = (list: string | undefined) =>
  createConfiguredRepositories({ db: scene.db, log: scene.log, list }).start();
const known = async () => (await scene.db.repository.findMany({ orderBy: { url: 'asc' } })).map(({ url }) => url);

it('adds folders and addresses, however they are separated, and once', async () => {
  const list = `${scene.git.path}, https://git.example.com/team/app.git\n\tgit@git.example.com:team/other.git `;
  await start(list);
  await start(list);
  expect(await known()).toEqual([
    scene.git.path,
    'git@git.example.com:team/other.git',
    'https://git.example.com/team/app.git',
  ]);
});

it('keeps what was added before', async () => {
  await start('https://git.example.com/team/app.git');
  await start(undefined);
  expect(await known()).toHaveLength(2);
});

it('adds nothing and names every entry that cannot be used', async () => {
  const before = await known();
  const started = start(
    `https://git.example.com/app.git ${scene.folder}/absent https://me:hunter22@git.example.com/b.git`,
  );
  await expect(started).rejects.toMatchObject({
    code: 'ENV_INVALID',
    message: expect.stringMatching(
      /absent: is no git repository here.*\n.*git\.example\.com\/b\.git: holds a user or a password/,
    ),
  });
  await expect(started).rejects.not.toMatchObject({ message: expect.stringContaining('hunter22') });
  expect(await known()).toEqual(before);
});

it('says that there is nothing to do', async () => {
  await scene.db.repository.deleteMany();
  await start('');
  expect(scene.lines.map(({ msg }) => msg)).toEqual([expect.stringContaining('no repository to work on')]);
});
