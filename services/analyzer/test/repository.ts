import { join } from 'node:path';
import { sink } from '@orchestrator/shared/boot/logger.ts';
import type { Mirror } from '@orchestrator/shared/repo/mirror.ts';
import { openMirror } from '@orchestrator/shared/repo/open-mirror.ts';
import { createRepository, type TestFile, temporaryFolder } from '@orchestrator/testkit/git/test-repository.ts';

export interface MirroredFiles {
  readonly mirror: Mirror;
  readonly commit: string;
  readonly path: string;
  readonly remove: () => void;
}

/** A real repository with one commit of these files, and its mirror. */
export async function mirrorOf(files: Readonly<Record<string, TestFile>>): Promise<MirroredFiles> {
  const folder = temporaryFolder();
  const source = createRepository(join(folder.path, 'target'));
  const commit = source.commit(files);
  const mirror = await openMirror({ repo: source.path, home: join(folder.path, 'home'), log: sink().log });
  return { mirror, commit, path: source.path, remove: folder.remove };
}
