// Makes a fresh checkout ready and runs a command with the project's own Node. Free of dependencies and of syntax newer
// than Node 18, because it runs before anything is installed. Everything it says goes to stderr: stdout is the command's.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const BIN = join(ROOT, 'node_modules', '.bin');
const SHARED = join(ROOT, 'packages', 'shared');

const COMMANDS = {
  start: (args) => ['node', [join(ROOT, 'packages/cli/src/main.ts'), ...(args.length > 0 ? args : ['up'])]],
  demo: (args) => ['node', ['packages/demo/src/main.ts', ...args]],
  test: (args) => ['vitest', ['run', ...args]],
  check: () => ['node', ['scripts/check.ts']],
  bench: (args) => ['node', ['benchmarks/main.ts', ...args]],
  'bench:pipeline': (args) => ['node', ['benchmarks/pipeline.ts', ...args]],
  'bench:scale': (args) => ['node', ['benchmarks/scale.ts', ...args]],
  'bench:budget': (args) => ['node', ['benchmarks/budget.ts', ...args]],
  'bench:validator': (args) => ['node', ['benchmarks/validator.ts', ...args]],
  'bench:edits': (args) => ['node', ['benchmarks/edits.ts', ...args]],
  'bench:learning': (args) => ['node', ['benchmarks/learning.ts', ...args]],
  attack: (args) => ['node', ['test/attack/main.ts', ...args]],
  'budget:proof': (args) => ['node', ['packages/testkit/src/budget-proof/main.ts', ...args]],
  chaos: (args) => ['node', ['packages/testkit/src/chaos/main.ts', ...args]],
  'compose:smoke': (args) => ['node', ['packages/deployment/src/compose-smoke/main.ts', ...args]],
  'mutation:budget': (args) => ['node', ['benchmarks/mutation/run.ts', ...args]],
};

const say = (text) => process.stderr.write(`${text}\n`);
const fail = (text) => {
  say(text);
  process.exit(6);
};

const [command = '', ...args] = process.argv.slice(2);
if (!(command in COMMANDS)) fail(`unknown command "${command}": one of ${Object.keys(COMMANDS).join(', ')}`);
if (Number(process.versions.node.split('.')[0]) < 18)
  fail(`Node ${process.versions.node} is too old to start: install Node 18 or newer.`);

const env = { ...process.env, PATH: [BIN, process.env.PATH].join(delimiter) };
// npm hands its own settings down; pnpm and prisma would warn about those they do not know.
for (const name of Object.keys(env))
  if (
    /^npm_(config_(?!registry|userconfig|globalconfig|cafile|proxy|https_proxy|noproxy)|package_|lifecycle_)/.test(name)
  )
    delete env[name];

installPackages();
generateClient();
installSandbox();

const [program, programArgs] = COMMANDS[command](args);
// The command line's paths are meant from where the user stands.
const cwd = command === 'start' ? (process.env.INIT_CWD ?? process.cwd()) : ROOT;
// The shim of `node` is a shell that passes no signal on, and leaves the program behind when it is ended.
const executable = program === 'node' ? join(ROOT, 'node_modules', 'node', 'bin', 'node') : join(BIN, program);
const child = spawn(executable, programArgs, { cwd, env, stdio: 'inherit' });
// A terminal sends its signals to the whole group; a supervisor only to us.
process.on('SIGINT', () => {});
process.on('SIGTERM', () => child.kill('SIGTERM'));
child.on('error', (error) => fail(`${program} did not start: ${error.message}`));
child.on('exit', (code, signal) => process.exit(signal ? 128 + (signal === 'SIGINT' ? 2 : 15) : (code ?? 1)));

function installPackages() {
  const manifests = ['package.json', 'pnpm-lock.yaml', 'pnpm-workspace.yaml', ...workspaceManifests()];
  if (upToDate('packages', manifests)) return;
  const { packageManager } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  say(`Installing packages with ${packageManager} (the first time takes a minute) ...`);
  run('npx', ['--yes', packageManager, 'install', '--frozen-lockfile', '--reporter=append-only', '--loglevel=error']);
  remember('packages', manifests);
}

function generateClient() {
  const folder = join(SHARED, 'src', 'db', 'schema');
  const schema = readdirSync(folder).map((name) => join('packages/shared/src/db/schema', name));
  if (upToDate('client', schema) && existsSync(join(SHARED, 'src', 'db', 'generated'))) return;
  // Any executable will do: generating does not use the engine that Prisma would download.
  run(join(BIN, 'prisma'), ['generate'], {
    cwd: SHARED,
    env: { ...env, PRISMA_SCHEMA_ENGINE_BINARY: process.execPath, PRISMA_HIDE_UPDATE_MESSAGE: '1' },
  });
  remember('client', schema);
}

/** Without a sandbox nothing of a repository is executed, so it is part of the set-up. */
function installSandbox() {
  if (process.platform !== 'linux' || found('bwrap')) return;
  const byHand = 'sudo apt-get install -y bubblewrap';
  if (process.getuid() !== 0 || !found('apt-get'))
    return say(`bubblewrap, the sandbox, is not installed. It needs root: ${byHand}`);
  say('Installing bubblewrap, the sandbox, with apt-get ...');
  const quiet = { env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }, stdio: ['ignore', 'ignore', 'inherit'] };
  const install = () =>
    spawnSync('apt-get', ['install', '-y', '-qq', '--no-install-recommends', 'bubblewrap'], quiet).status === 0;
  if (!install()) {
    spawnSync('apt-get', ['update', '-qq'], quiet);
    if (!install()) say(`bubblewrap could not be installed: ${byHand}`);
  }
}

function found(program) {
  return (process.env.PATH ?? '').split(delimiter).some((folder) => existsSync(join(folder, program)));
}

function workspaceManifests() {
  return ['packages', 'services'].flatMap((group) =>
    readdirSync(join(ROOT, group))
      .map((name) => join(group, name, 'package.json'))
      .filter((path) => existsSync(join(ROOT, path))),
  );
}

function hashOf(paths) {
  const hash = createHash('sha256').update(process.platform + process.arch);
  for (const path of paths) hash.update(path).update(readFileSync(join(ROOT, path)));
  return hash.digest('hex');
}

function stampOf(step) {
  return join(ROOT, 'node_modules', '.cache', 'bootstrap', step);
}

function upToDate(step, paths) {
  return existsSync(stampOf(step)) && readFileSync(stampOf(step), 'utf8') === hashOf(paths);
}

function remember(step, paths) {
  mkdirSync(dirname(stampOf(step)), { recursive: true });
  writeFileSync(stampOf(step), hashOf(paths));
}

function run(program, programArgs, options = {}) {
  const result = spawnSync(program, programArgs, {
    cwd: ROOT,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
    encoding: 'utf8',
    maxBuffer: 1 << 26,
    ...options,
  });
  if (result.status === 0) return;
  fail(
    `${[program, ...programArgs].join(' ')} failed:\n${result.error?.message ?? ''}${result.stdout ?? ''}${result.stderr ?? ''}`,
  );
}
