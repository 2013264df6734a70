import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openScene, type Scene, section } from '../../test/scene.ts';
import { admit } from '../admission/admit.ts';
import { syncTasks } from '../intake/sync-tasks.ts';
import { type PreviewOptions, preview, type SelectContext } from './preview.ts';

let scene: Scene;
beforeAll(async () => {
  scene = await openScene();
});
afterAll(() => scene.close());
beforeEach(() => scene.db.$executeRaw`TRUNCATE event, outbox, stage_run, run, task, setting, baseline CASCADE`);

/** Shows the task's documents, as they are in the tree. */
const selectContext: SelectContext = async ({ mirror, commit, task }) => {
  const texts = await mirror.readFiles(commit, task.documents);
  const files = [...texts].map(([path, text]) => ({ path, tokens: text.length, whole: true, reason: 'named' }));
  return { files, tokens: files.reduce((sum, file) => sum + file.tokens, 0), notes: [] };
};

async function look(options: Partial<PreviewOptions> = {}) {
  const mirror = await scene.repositories.mirror(scene.git.path);
  await mirror.refresh();
  return preview({ ...scene, mirror, selectContext, ...options });
}
async function started(text: string) {
  scene.tasks(text);
  const mirror = await scene.repositories.mirror(scene.git.path);
  await mirror.refresh();
  await syncTasks({ ...scene, mirror });
  await admit({ ...scene, limit: 100, affordable: async () => ({ kind: 'AFFORDABLE' }) });
}
const decisions = ({ tasks }: Awaited<ReturnType<typeof look>>) =>
  Object.fromEntries(tasks.map(({ key, decision, order }) => [key, [decision, order]]));

describe('preview', () => {
  it('shows order, cost, start and context of each task, and writes nothing', async () => {
    scene.tasks(
      section('later', { DEPENDS_ON: 'first' }) +
        section('first', { PRIORITY: 'high' }, 'Do it.\n\n### Related Documentation\n- docs/guide.md') +
        section('capped', { BUDGET_USD: '0.01' }),
      { 'docs/guide.md': 'Guide.' },
    );
    const result = await look();
    expect(decisions(result)).toEqual({ first: ['start', 1], later: ['after', 2], capped: ['start', 3] });
    const [first, later, capped] = result.tasks;
    expect(first).toMatchObject({
      startsAt: result.now,
      estimatedNanoUsd: result.cost.predictedNanoUsd,
      worstNanoUsd: result.cost.worstNanoUsd,
      context: { files: [{ path: 'docs/guide.md', tokens: 6, whole: true }], tokens: 6 },
    });
    expect(later).toMatchObject({ after: ['first'], reason: 'It depends on "first", which has not started.' });
    expect((later?.startsAt?.getTime() ?? 0) - result.now.getTime()).toBe(30 * 60_000);
    expect(capped).toMatchObject({ worstNanoUsd: 10_000_000n });
    expect(result.cost.worstNanoUsd).toBeGreaterThan(10_000_000n);
    expect(result.baseline).toBeNull();
    expect(await scene.db.task.count()).toBe(0);
    expect(await scene.db.budget.count()).toBe(0);
  });

  it('tells what is active, finished, blocked or waits for something that will not happen', async () => {
    await started(section('active') + section('failed') + section('merged'));
    await scene.db.run.updateMany({ where: { task: { key: 'failed' } }, data: { state: 'failed' } });
    await scene.db.run.updateMany({ where: { task: { key: 'merged' } }, data: { state: 'merged' } });
    scene.tasks(
      section('active') +
        section('failed') +
        section('merged') +
        section('blocked', { STATUS: 'blocked' }) +
        section('after_active', { DEPENDS_ON: 'active' }) +
        section('after_failed', { DEPENDS_ON: 'failed' }) +
        section('after_after_failed', { DEPENDS_ON: 'after_failed' }) +
        section('after_merged', { DEPENDS_ON: 'merged' }),
    );
    expect(decisions(await look())).toEqual({
      active: ['active', null],
      failed: ['finished', null],
      merged: ['finished', null],
      blocked: ['blocked', null],
      after_active: ['after', 1],
      after_failed: ['wait', null],
      after_after_failed: ['wait', null],
      after_merged: ['start', 2],
    });
  });

  it('would work again on an edited text', async () => {
    await started(section('a'));
    await scene.db.run.updateMany({ data: { state: 'merged' } });
    expect(decisions(await look())).toEqual({ a: ['finished', null] });
    scene.tasks(section('a', {}, 'Otherwise.'));
    expect(decisions(await look())).toEqual({ a: ['start', 1] });
  });

  it('shows the cached baseline of the commit', async () => {
    await started(section('a'));
    const { commit } = await look();
    const command = { step: 'test', cwd: '.', ended: 'exit', durationMs: 1, output: '' };
    await scene.db.baseline.create({
      data: {
        repositoryId: scene.repository.id,
        commit,
        recipeHash: 'x',
        content: {
          commit,
          detector: 'npm',
          commands: [
            { ...command, argv: ['npm', 'run', 'build'], exitCode: 0 },
            { ...command, argv: ['npm', 'test'], exitCode: 1 },
          ],
          tests: null,
          totals: { passed: 3, failed: 1, skipped: 0 },
          sandbox: { tier: 'bubblewrap', probes: {} },
        },
      },
    });
    expect((await look()).baseline).toMatchObject({
      green: false,
      failed: ['npm test'],
      totals: { passed: 3, failed: 1, skipped: 0 },
    });
  });

  it('shows one task, and reports one that is not there', async () => {
    scene.tasks(section('a') + section('b'));
    expect((await look({ only: 'b' })).tasks).toMatchObject([{ key: 'b', order: 2 }]);
    await expect(look({ only: 'c' })).rejects.toMatchObject({ code: 'TASK_UNKNOWN' });
  });

  it('reports problems beside the tasks', async () => {
    scene.tasks(section('a') + section('b', { PRIORITY: 'urgent' }));
    expect(await look()).toMatchObject({ tasks: [{ key: 'a' }], problems: [{ code: 'PRIORITY_UNKNOWN', task: 'b' }] });
  });
});
