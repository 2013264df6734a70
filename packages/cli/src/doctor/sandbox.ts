import { readFileSync } from 'node:fs';
import { services } from '@orchestrator/embedded/services.ts';
import { AppError } from '@orchestrator/shared/errors/app-error.ts';
import { type Check, failed, ok, warn } from './check.ts';

/** Makes the sandbox and tries to break out of it, as every start of a validator does. */
export const sandbox: Check = async () => {
  const { probeSandbox, secondTier } = await services.sandboxProbe();
  const { available, reason, fix, probes } = await probeSandbox();
  if (!available) {
    const none = failed('sandbox', new AppError('SANDBOX_UNAVAILABLE', { reason, fix }));
    const second = secondTier();
    const status = await probeSandbox(second);
    const held = `${second.info.tier} holds in its place: ${Object.keys(status.probes).length} probes passed`;
    return status.available
      ? [none, warn('second tier', held, 'To make do with it, set sandbox.minTier to 2 in orchestrator.yaml.')]
      : [none];
  }
  const holds = ok('sandbox', `bubblewrap holds: ${Object.keys(probes).length} probes passed`);
  // What waits in pipes is memory of the kernel that no counter of the sandbox sees; this setting bounds it for each user.
  return pipesAreBounded()
    ? [holds]
    : [holds, warn('pipes', 'a command may fill as many as it can open', 'Set fs.pipe-user-pages-soft to 16384.')];
};

function pipesAreBounded(): boolean {
  try {
    return readFileSync('/proc/sys/fs/pipe-user-pages-soft', 'utf8').trim() !== '0';
  } catch {
    return true;
  }
}
