import { realpathSync } from 'node:fs';
import { AppError } from '@orchestrator/shared/errors/app-error.ts';
import { bubblewrapSandbox } from './bubblewrap.ts';
import { directSandbox } from './direct.ts';
import { type SandboxStatus, sandboxStatus, secondTier, type Tier } from './probe.ts';
import type { Sandbox } from './sandbox.ts';

export interface SandboxChoice {
  /**
   * For the demo alone: this one repository, which the program ships itself, may run without a sandbox where there is
   * none. An absolute path. It is handed in by code; no variable and no file sets it.
   */
  readonly allowUnsandboxed?: { readonly onlyFor: string };
  /** Default: the machine's own. */
  readonly status?: (options: { readonly tier: Tier }) => Promise<SandboxStatus>;
}

/**
 * The sandbox for a repository: the best that holds, down to `minTier`. Throws SANDBOX_UNAVAILABLE where there is none:
 * nothing is executed then.
 */
export async function chooseSandbox(
  repositoryUrl: string,
  { allowUnsandboxed, status: ask = sandboxStatus }: SandboxChoice = {},
  minTier: Tier = 1,
): Promise<Sandbox> {
  const status = await ask({ tier: 1 });
  if (status.available) return bubblewrapSandbox({ info: { tier: 'bubblewrap', probes: { ...status.probes } } });
  if (minTier === 2) {
    const second = await ask({ tier: 2 });
    if (second.available) return secondTier({ ...second.probes });
  }
  if (allowUnsandboxed !== undefined && samePath(repositoryUrl, allowUnsandboxed.onlyFor)) return directSandbox();
  throw new AppError('SANDBOX_UNAVAILABLE', { reason: status.reason, fix: status.fix });
}

function samePath(one: string, other: string): boolean {
  try {
    return one.startsWith('/') && other.startsWith('/') && realpathSync(one) === realpathSync(other);
  } catch {
    return false;
  }
}
