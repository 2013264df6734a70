import { execFile } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { sink } from '../../packages/shared/src/boot/logger.ts';
import { openMirror } from '../../packages/shared/src/repo/open-mirror.ts';
import { createRepository } from '../../packages/testkit/src/git/test-repository.ts';
import { layInSpare, populateWorkspace } from '../../services/validator/src/workspace/spare-trees.ts';
import { median, round, timed } from './measure.ts';

const execute = promisify(execFile);
const ROUNDS = 7;
const FILES = 10_000;
const AIM = 5;

/**
 * A workspace of a change to 3 of 10,000 files: by `git clone` of a repository on the same disk, by a checkout from the
 * mirror (the first run of a base commit), and from a spare tree (every later one; the spare is made meanwhile).
 */
export async function measureWorkspace(folder: string) {
  const repository = createRepository(join(folder, 'large'));
  // Otherwise a commit of so many files starts a collection of its own in the background.
  repository.git('config', 'gc.auto', '0');
  const text = (i: number) => `package m;\n${`  int value${i} = ${i};\n`.repeat(60)}`;
  const baseCommit = repository.commit(
    Object.fromEntries(Array.from({ length: FILES }, (_, i) => [`src/m${i % 100}/F${i}.java`, text(i)])),
  );
  const headCommit = repository.commit({ 'src/m1/F1.java': '1\n', 'src/m2/F2.java': '2\n', 'src/new/F.java': '3\n' });
  repository.git('repack', '-a', '-d', '--quiet');
  const home = join(folder, 'large-home');
  const mirror = await openMirror({ repo: repository.path, home, log: sink().log });
  const { signal } = new AbortController();
  const options = { home, repositoryId: 'large', mirror, signal };
  const times = { clone: [] as number[], checkout: [] as number[], spare: [] as number[] };
  for (let turn = 0; turn < ROUNDS; turn++) {
    const place = (name: string) => join(folder, `${name}-${turn}`);
    times.clone.push(await timed(() => execute('git', ['clone', '--quiet', repository.path, place('clone')])));
    const populate = (name: string) => {
      mkdirSync(place(name));
      return timed(() => populateWorkspace({ ...options, commit: headCommit, dir: place(name) }));
    };
    times.checkout.push(await populate('checkout'));
    await layInSpare({ ...options, commit: baseCommit });
    times.spare.push(await populate('spare'));
    for (const name of Object.keys(times)) rmSync(place(name), { recursive: true });
  }
  const [cloneMs, checkoutMs, spareMs] = [median(times.clone), median(times.checkout), median(times.spare)];
  const ratios = times.clone.map((clone, turn) => clone / (times.spare[turn] ?? clone));
  return {
    rounds: ROUNDS,
    files: FILES,
    cloneMs: round(cloneMs),
    firstCheckoutMs: round(checkoutMs),
    fromSpareMs: round(spareMs),
    firstTimesFaster: round(cloneMs / checkoutMs),
    timesFaster: round(median(ratios)),
    aim: AIM,
    reached: median(ratios) >= AIM,
  };
}
