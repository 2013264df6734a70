import type { PackageManager } from './node-project.ts';

/**
 * A package manager that the machine need not have: npm fetches it into {cache}/manager beside the dependencies, in the
 * version that `packageManager` of package.json names.
 */
export function installManager(
  packageName: string,
  packageManager: string | undefined,
  fallback: string,
): Pick<PackageManager, 'manager' | 'command' | 'tools'> {
  const version = /^[a-z]+@(\d+(?:\.\d+){0,2}(?:-[\w.]+)?)/.exec(packageManager ?? '')?.[1] ?? fallback;
  const command = packageName === 'pnpm' ? 'pnpm' : 'yarn';
  return { manager: `${packageName}@${version}`, command, tools: ['npm'] };
}
