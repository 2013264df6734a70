import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { type CommandOptions, pause, ROOT } from './command.ts';
import type { Compose } from './compose.ts';
import { type Container, containersOf, stateOf } from './containers.ts';
import type { SmokeScene } from './scene.ts';

const SERVICES = ['postgres', 'redis', 'migrate', 'vendors', 'analyzer', 'coder', 'validator', 'notifier', 'scheduler'];
/** The others have the same images. */
const BUILT = ['migrate', 'validator', 'vendors'];
export const VALIDATORS = 3;
const BUILD_MS = 1_200_000;
const START_MS = 420_000;

/** The stack of a scene. */
export function openStack({ project, folder, settings }: SmokeScene, compose: Compose, say: (text: string) => void) {
  const files = ['--file', 'docker-compose.yml'];
  const setting = ['--env-file', join(folder, '.env'), '--project-name', project, ...files];
  const run = (args: readonly string[], more: readonly string[] = [], options: CommandOptions = {}) =>
    compose([...setting, ...more, ...args], { show: true, env: settings, ...options });
  const containers = () => containersOf(project);

  async function untilGood(services: readonly string[]): Promise<Container[]> {
    for (const end = Date.now() + START_MS; ; await pause(1_000)) {
      const all = (await containers()).filter(({ service }) => services.includes(service));
      const states = all.map((one) => ({ service: one.service, state: stateOf(one) }));
      const bad = states.filter(({ state }) => state === 'bad').map(({ service }) => service);
      if (bad.length > 0) throw new Error(`ended: ${bad.join(', ')}`);
      const missing = services.filter((service) => !states.some((one) => one.service === service));
      const waiting = states.filter(({ state }) => state === 'waiting').map(({ service }) => service);
      if (missing.length + waiting.length === 0) return all;
      if (Date.now() > end)
        throw new Error(`not healthy in ${START_MS / 1_000} s: ${[...missing, ...waiting].join(', ')}`);
    }
  }

  return {
    containers,
    build: () => run(['build', ...BUILT], [], { timeoutMs: BUILD_MS }),
    /** Starts everything and waits until all of it is healthy. */
    async up(): Promise<Container[]> {
      await run(['up', '--detach', '--no-build', '--scale', `validator=${VALIDATORS}`, ...SERVICES], [], {
        timeoutMs: START_MS,
      });
      return untilGood(SERVICES);
    },
    /** One validator in place of all, as Docker confines it by itself. */
    async withDefaultProfile(): Promise<Container> {
      const override = ['--file', 'packages/deployment/src/compose-smoke/default-profile.yml'];
      await run(['up', '--detach', '--no-build', '--no-deps', '--scale', 'validator=1', 'validator'], override);
      const [only] = (await containers()).filter(({ service }) => service === 'validator');
      if (only === undefined) throw new Error('there is no validator');
      return only;
    },
    /** What the services said, for a person to read after a failure. */
    async saveLogs(path: string): Promise<void> {
      const logs = await run(['logs', '--no-color', '--timestamps'], [], { show: false, always: true });
      appendFileSync(path, logs);
      say(`What the services said is in ${path.replace(`${ROOT}/`, '')}`);
    },
    /** Removes containers, networks and volumes. */
    async down(): Promise<void> {
      const args = ['down', '--volumes', '--remove-orphans', '--timeout', '30'];
      await run(args, ['--profile', '*'], { timeoutMs: START_MS, always: true });
      const left = await containersOf(project, { always: true });
      if (left.length > 0) throw new Error(`left behind: ${left.map(({ service }) => service).join(', ')}`);
    },
  };
}
export type Stack = ReturnType<typeof openStack>;
