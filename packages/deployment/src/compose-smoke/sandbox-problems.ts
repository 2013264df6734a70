import type { Api } from './api.ts';
import { pause } from './command.ts';
import { type Container, inContainer } from './containers.ts';
import type { Stack } from './stack.ts';

const PROBE = `const { probeSandbox } = await import('/app/services/validator/src/sandbox/probe.ts');
process.stdout.write(JSON.stringify(await probeSandbox())); process.exit(0);`;
const PATIENCE_MS = 240_000;

/** With the shipped profile the sandbox holds in every probe. */
export async function shippedProfileProblems(validator: Container): Promise<string[]> {
  const status = await probe(validator);
  return status.available ? [] : [`no sandbox with the shipped profile: ${status.reason}`];
}

/**
 * With Docker's own profile there is no sandbox, so nothing is executed and the validator is not ready: a run that is
 * asked for waits, with the reason.
 */
export async function defaultProfileProblems(stack: Stack, api: Api): Promise<string[]> {
  const rejected = (await api.tasks()).find(({ runState }) => runState === 'rejected');
  if (rejected === undefined) return ['no task was rejected, so none could be tried again'];
  const validator = await stack.withDefaultProfile();
  const status = await probe(validator);
  if (status.available) return ["Docker's own profile allows a sandbox here, so this shows nothing"];
  const before = new Set((await api.runs()).map(({ run }) => run));
  await api.retry(rejected.id);
  await api.tick();
  for (const end = Date.now() + PATIENCE_MS; ; await pause(1_000)) {
    const run = (await api.runs()).find((one) => !before.has(one.run));
    const red = !(await isReady(validator));
    if (run?.waiting?.code === 'SANDBOX_UNAVAILABLE' && red) return [];
    if (Date.now() < end) continue;
    const where =
      run === undefined ? 'was not started' : `is ${run.state}, waiting for ${run.waiting?.code ?? 'nothing'}`;
    return [`without a sandbox the run ${where}, and the validator is ${red ? 'not ready' : 'ready'}`];
  }
}

async function probe(validator: Container): Promise<{ available: boolean; reason: string }> {
  return JSON.parse(await inContainer(validator, ['node', '--input-type=module', '--eval', PROBE]));
}

async function isReady(validator: Container): Promise<boolean> {
  return inContainer(validator, ['/app/deploy/container/health-check.sh']).then(
    () => true,
    () => false,
  );
}
