import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { budgetsOf } from '@orchestrator/shared/budget/budgets-of.ts';
import { readPlan } from '@orchestrator/shared/budget/phases.ts';
import { createRepository } from '@orchestrator/testkit/git/test-repository.ts';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openScene, type Scene, section } from '../test/scene.ts';
import { ensureRepository } from './repository.ts';
import { tickOnce } from './tick.ts';

let scene: Scene;
beforeEach(async () => {
  scene = await openScene();
});
afterEach(() => scene.close());

const phases = (...limits: number[]) =>
  `budget:\n  phases:\n${limits.map((limit, i) => `    - { name: p${i}, limit: { total: ${limit} }${i < limits.length - 1 ? ', days: 1' : ''} }\n`).join('')}`;
const limits = async () =>
  (await readPlan(scene.db, 'global'))?.phases.map(({ limitNanoUsd }) => Number(limitNanoUsd / 1_000_000_000n));
const tick = (repository = scene.repository) =>
  tickOnce({ ...scene, repository, affordableFor: () => async () => ({ kind: 'AFFORDABLE' }) });

it('follows the only repository, commit by commit', async () => {
  scene.tasks(section('a'), { 'orchestrator.yaml': phases(5) });
  await tick();
  expect(await limits()).toEqual([5]);
  scene.git.commit({ 'orchestrator.yaml': phases(7, 9) });
  await tick();
  expect(await limits()).toEqual([7, 9]);
});

it('follows the limit of a repository of its own, within what all may spend', async () => {
  const own = (usd: number) => `budget:\n  repositoryPhases:\n    - { name: own, limit: { perDay: ${usd} } }\n`;
  const ownLimit = async () =>
    (await readPlan(scene.db, `repository:${scene.repository.id}`))?.phases.map((phase) => phase.limitNanoUsd);
  const task = { id: scene.repository.id, repositoryId: scene.repository.id, budgetNanoUsd: null };
  scene.tasks(section('a'), { 'orchestrator.yaml': own(0.25) });
  await tick();
  expect([await limits(), await ownLimit()]).toEqual([[30, 0], [250_000_000n]]);
  expect(await budgetsOf(scene.db, task)).toEqual(['global', `repository:${scene.repository.id}`]);
  scene.git.commit({ 'orchestrator.yaml': '' });
  await tick();
  expect(await budgetsOf(scene.db, task)).toEqual(['global']);
});

it('lets no commit change a budget that several repositories share, but the operator', async () => {
  scene.tasks(section('a'), { 'orchestrator.yaml': phases(5) });
  await tick();
  const other = createRepository(join(scene.folder, 'other'));
  other.commit({ 'docs/PLUGIN-TASKS.md': section('o'), 'orchestrator.yaml': phases(1_000) });
  const repository = await ensureRepository(scene.db, { url: other.path, name: 'other' });
  await tick(repository);
  expect(await limits()).toEqual([5]);
  scene.git.commit({ 'orchestrator.yaml': phases(2_000) });
  await tick();
  expect(await limits()).toEqual([5]);

  writeFileSync(join(scene.folder, 'home', 'orchestrator.yaml'), phases(20));
  await tick(repository);
  expect(await limits()).toEqual([20]);
});
