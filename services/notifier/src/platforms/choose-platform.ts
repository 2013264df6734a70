import type { RepositoryIdentity } from '@orchestrator/shared/repo/identity.ts';
import { local } from './local.ts';
import { mirrorOnly } from './mirror-only.ts';
import type { Platform } from './platform.ts';

/** Where the changes of a repository are published. */
export const choosePlatform = (identity: RepositoryIdentity): Platform =>
  identity.kind === 'local' ? local : mirrorOnly;
