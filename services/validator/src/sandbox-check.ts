import type { Component } from '@orchestrator/shared/boot/resources.ts';
import { AppError } from '@orchestrator/shared/errors/app-error.ts';
import { sample } from '@orchestrator/shared/telemetry/metrics.ts';
import { sandboxStatus } from './sandbox/probe.ts';

/** While there is none, it is looked for again this often; a sandbox that holds is trusted for longer. */
const MISSING_MAX_AGE_MS = 30_000;

/** Without a sandbox nothing is executed, so the validator is not ready. */
export const createSandboxCheck = (ask: typeof sandboxStatus = sandboxStatus): Component => ({
  name: 'sandbox check',
  start: async () => void ask(),
  stop: async () => {},
  // Nothing while it could not be made at all: orchestrator_ready says that.
  samples: async () =>
    Object.entries((await ask()).probes).map(([probe, held]) =>
      sample('orchestrator_sandbox_probe', { probe }, held ? 1 : 0),
    ),
  checks: {
    sandbox: async () => {
      let status = await ask();
      if (!status.available) status = await ask({ maxAgeMs: MISSING_MAX_AGE_MS });
      if (!status.available) throw new AppError('SANDBOX_UNAVAILABLE', { reason: status.reason, fix: status.fix });
    },
  },
});
