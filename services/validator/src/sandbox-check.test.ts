import { expect, it } from 'vitest';
import { createSandboxCheck } from './sandbox-check.ts';

it('makes the validator not ready while there is no sandbox, with the reason and what to do, and looks again', async () => {
  const asked: (number | undefined)[] = [];
  let available = false;
  const { checks } = createSandboxCheck(async ({ maxAgeMs } = {}) => {
    asked.push(maxAgeMs);
    return { available, reason: 'bwrap is not installed', fix: 'Install it.', probes: {} };
  });
  await expect(checks?.sandbox?.()).rejects.toMatchObject({
    code: 'SANDBOX_UNAVAILABLE',
    message: 'No sandbox: bwrap is not installed',
    next: 'Nothing was executed. Install it.',
  });
  expect(asked).toEqual([undefined, 30_000]);
  available = true;
  await expect(checks?.sandbox?.()).resolves.toBeUndefined();
});

it('tells what was tried and whether it held', async () => {
  const probes = { notRoot: true, networkClosed: false };
  const { samples } = createSandboxCheck(async () => ({ available: false, reason: 'x', fix: 'y', probes }));
  expect(await samples?.()).toEqual([
    { name: 'orchestrator_sandbox_probe', labels: { probe: 'notRoot' }, value: 1 },
    { name: 'orchestrator_sandbox_probe', labels: { probe: 'networkClosed' }, value: 0 },
  ]);
});
