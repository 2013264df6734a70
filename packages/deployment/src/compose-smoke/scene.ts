import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { createDemoFolder, DEMO_MODELS } from '@orchestrator/demo/demo-folder.ts';
import { SECRETS } from '@orchestrator/shared/config/environment.ts';
import { command, ROOT } from './command.ts';

/** A stack of its own beside any other: its name, secrets, port, and a repository that it may only read. */
export interface SmokeScene {
  readonly project: string;
  readonly folder: string;
  /** On this machine; the services see it below /repositories. */
  readonly repository: string;
  /** What the compose file is filled with. */
  readonly settings: Readonly<Record<string, string>>;
  readonly apiUrl: string;
  readonly apiToken: string;
  remove(): void;
}

const KEY = 'smoke-key-for-the-local-server';

/** Money for every task; all of them are started by one tick, so that several validators have work. */
const OPERATOR_CONFIG = `budget:
  phases: [{ name: smoke, limit: { total: "2.00" }, every: 30m }]
pipeline: { tasksPerTick: 8 }
${DEMO_MODELS}`;

export async function createScene(): Promise<SmokeScene> {
  const project = `ai-orchestrator-smoke-${randomBytes(3).toString('hex')}`;
  // Below the root, which is what a Compose that runs in a container sees.
  const folder = join(ROOT, '.orchestrator', project);
  mkdirSync(folder, { recursive: true });
  const shown = join(folder, 'shown');
  const { repository } = await createDemoFolder(shown, OPERATOR_CONFIG);
  const port = await freePort();
  const settings = {
    COMPOSE_PROJECT_NAME: project,
    ORCHESTRATOR_VERSION: 'smoke',
    ORCHESTRATOR_SECRETS: join(folder, 'secrets'),
    ORCHESTRATOR_CONFIG: join(shown, 'home', 'orchestrator.yaml'),
    ORCHESTRATOR_REPOSITORIES: '/repositories/text-kit',
    ORCHESTRATOR_REPOSITORIES_DIR: shown,
    ORCHESTRATOR_RESULTS: 'results',
    ORCHESTRATOR_PORT: String(port),
    ANTHROPIC_BASE_URL: 'http://vendors:9001',
    OPENAI_BASE_URL: 'http://vendors:9002/v1',
    GITHUB_API_URL: '',
    VALIDATOR_MEMORY: '3g',
    // So that one alone cannot take all of the work.
    ORCHESTRATOR_VALIDATIONS: '1',
    // The example needs Node, which every image has.
    ...Object.fromEntries(['JAVA', 'PYTHON', 'GO', 'RUST', 'C'].map((name) => [`VALIDATOR_WITH_${name}`, 'false'])),
    VALIDATOR_EXTRA_PACKAGES: '',
  };
  const lines = Object.entries(settings).map(([name, value]) => `${name}=${value}\n`);
  writeFileSync(join(folder, '.env'), lines.join(''), { mode: 0o600 });
  // Keys of the person who runs this must not get into it.
  const keys = Object.fromEntries([...SECRETS, 'GITHUB_READ_TOKEN'].map((name) => [name, '']));
  await command([process.execPath, 'scripts/write-env.mjs', '--folder', folder], {
    env: { ...keys, ANTHROPIC_API_KEY: KEY, OPENAI_API_KEY: KEY },
  });
  return {
    project,
    folder,
    repository,
    settings,
    apiUrl: `http://127.0.0.1:${port}`,
    apiToken: readFileSync(join(folder, 'secrets', 'api_token'), 'utf8').trim(),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}
