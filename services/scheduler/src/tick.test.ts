import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createRepository } from '@orchestrator/testkit/git/test-repository.ts';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openScene, type Scene, section, TASK_FILE } from '../test/scene.ts';
import { ensureRepository } from './repository.ts';
import { tickOnce } from './tick.ts';

let scene: Scene;
beforeEach(async () => {
  scene = await openScene();
});
afterEach(() => scene.close());

const tick = (repository = scene.repository) =>
  tickOnce({ ...scene, repository, affordableFor: () => async () => ({ kind: 'AFFORDABLE' }) });
const other = async (url: string) => ensureRepository(scene.db, { url, name: 'other' });

describe('one tick', () => {
  it('reads the configured branch, with the configuration of its head', async () => {
    scene.git.commit({ 'orchestrator.yaml': 'repository: { branch: next }\n' });
    scene.git.git('checkout', '--quiet', '-b', 'next');
    const commit = scene.git.commit({
      'orchestrator.yaml': 'repository: { branch: next }\ntasks: { file: TODO.md }\npublish: { branchPrefix: bot/ }\n',
      'TODO.md': section('a'),
    });
    scene.git.git('checkout', '--quiet', 'main');
    const { synced, admitted } = await tick();
    expect(synced).toMatchObject({ branch: 'next', commit });
    const run = await scene.db.run.findUniqueOrThrow({ where: { id: admitted[0]?.runId as string } });
    expect(run).toMatchObject({ baseCommit: commit, branch: 'bot/a' });
  });

  it('sees what is committed, not what lies about in the checkout, and leaves it as it is', async () => {
    scene.tasks(section('a'));
    writeFileSync(join(scene.git.path, TASK_FILE), section('a') + section('uncommitted'));
    const before = scene.git.git('status', '--porcelain');
    const { synced } = await tick();
    expect(synced).toMatchObject({ added: 1 });
    expect(scene.git.git('status', '--porcelain')).toBe(before);
  });

  it('says which file is broken, and starts nothing, when the configuration is', async () => {
    scene.tasks(section('a'), { 'orchestrator.yaml': 'pipeline: { tasksPerTik: 2 }\n' });
    await expect(tick()).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringContaining('tasksPerTick'),
    });
    expect(await scene.db.run.count()).toBe(0);
  });

  it('reports a repository without commits', async () => {
    const empty = createRepository(join(scene.folder, 'empty'));
    await expect(tick(await other(empty.path))).rejects.toMatchObject({ code: 'REPO_EMPTY', exitCode: 3 });
  });

  it('reports a folder that is gone and an address that does not answer', async () => {
    const gone = createRepository(join(scene.folder, 'gone'));
    gone.commit({ [TASK_FILE]: section('a') });
    const repository = await other(gone.path);
    await tick(repository);
    rmSync(gone.path, { recursive: true });
    await expect(tick(repository)).rejects.toMatchObject({ exitCode: 3 });
    await expect(tick(await other('http://127.0.0.1:9/x.git'))).rejects.toMatchObject({
      code: 'REPO_UNREACHABLE',
      exitCode: 3,
    });
  });
});
