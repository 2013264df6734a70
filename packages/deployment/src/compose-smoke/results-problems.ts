import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { repositoryAt } from '@orchestrator/testkit/git/test-repository.ts';
import { command } from './command.ts';
import type { Container } from './containers.ts';
import type { SmokeScene } from './scene.ts';

/**
 * The repository was mounted read-only: it has to be as it was, and each published change a patch in the volume of results
 * that applies to it.
 */
export async function resultsProblems(scene: SmokeScene, notifier: Container, published: number): Promise<string[]> {
  const repository = repositoryAt(scene.repository);
  const branches = repository.git('branch', '--list', 'ai/*');
  const folder = join(scene.folder, 'patches');
  await command(['docker', 'cp', `${notifier.Id}:/var/lib/orchestrator/patches`, folder]);
  const patches = readdirSync(folder).filter((name) => name.endsWith('.patch'));
  const unfit = patches.filter((name) => {
    try {
      repository.git('apply', '--check', join(folder, name));
      return false;
    } catch {
      return true;
    }
  });
  return [
    ...(branches === '' ? [] : [`the read-only repository has new branches: ${branches}`]),
    ...(patches.length === published
      ? []
      : [`${published} changes were published, and there are ${patches.length} patches`]),
    ...unfit.map((name) => `${name} does not apply to the repository`),
  ];
}
