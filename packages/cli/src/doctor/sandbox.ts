import { services } from '@orchestrator/embedded/services.ts';
import { AppError } from '@orchestrator/shared/errors/app-error.ts';
import { type Check, failed, ok } from './check.ts';

/** Makes the sandbox and tries to break out of it, as every start of a validator does. */
export const sandbox: Check = async () => {
  const { probeSandbox } = await services.sandboxProbe();
  const { available, reason, fix, probes } = await probeSandbox();
  if (!available) return [failed('sandbox', new AppError('SANDBOX_UNAVAILABLE', { reason, fix }))];
  return [ok('sandbox', `bubblewrap holds: ${Object.keys(probes).length} probes passed`)];
};
