// Writes what the full stack needs before it can start: .env, and a file for each secret. Free of dependencies, so that a
// machine with Docker needs no installed packages for it. What is there is never overwritten.
import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { isAbsolute, join, relative, resolve } from 'node:path';

const HELP = `npm run env [-- --folder DIR]

Writes .env and secrets/ into DIR (default: this folder), for docker compose. Passwords are made; keys are taken from the
environment (ANTHROPIC_API_KEY, OPENAI_API_KEY, GITHUB_TOKEN, GITHUB_READ_TOKEN, DISCORD_WEBHOOK_URL and so on), and
otherwise left empty for you to fill in. Nothing that has a value is overwritten.`;

const args = process.argv.slice(2);
if (args.includes('--help')) {
  process.stdout.write(`${HELP}\n`);
  process.exit(0);
}
const at = args.indexOf('--folder');
if (args.length !== (at === -1 ? 0 : 2) || (at !== -1 && at !== 0)) {
  process.stderr.write(`Not understood: ${args.join(' ')}\n\n${HELP}\n`);
  process.exit(2);
}
const folder = resolve(at === -1 ? '.' : args[1]);
const envFile = join(folder, '.env');
const lines = [];
const say = (what) => lines.push(`${what}\n`);
const shown = (path) => {
  const short = relative(process.cwd(), path);
  return short.startsWith('..') || isAbsolute(short) ? path : short || '.';
};

const SETTINGS = [
  ['ORCHESTRATOR_SECRETS', './secrets', 'Folder with a file for each secret.'],
  [
    'ORCHESTRATOR_REPOSITORIES',
    '',
    'Repositories to work on: git URLs, or folders below /repositories, separated by spaces.',
  ],
  ['ORCHESTRATOR_REPOSITORIES_DIR', './repositories', 'Shown to the services, read-only, as /repositories.'],
  ['ORCHESTRATOR_PORT', '8080', 'Port of the API and the queue dashboard on 127.0.0.1.'],
  [
    'VALIDATOR_CPUS',
    String(Math.min(2, cpus().length)),
    'Processors that each validator may use; no more than there are.',
  ],
];

/** Name of the file, and its content where there is none: made once, or what the environment holds. */
const password = () => randomBytes(24).toString('base64url');
const SECRETS = [
  ['postgres_password', password],
  ['redis_password', password],
  ['database_url', () => `postgres://orchestrator:${read('postgres_password')}@postgres:5432/orchestrator`],
  ['redis_url', () => `redis://:${read('redis_password')}@redis:6379`],
  ['api_token', password],
  ['grafana_password', password],
  ['anthropic_api_key', () => process.env.ANTHROPIC_API_KEY],
  ['openai_api_key', () => process.env.OPENAI_API_KEY],
  ['github_token', () => process.env.GITHUB_TOKEN],
  ['github_app_private_key', () => process.env.GITHUB_APP_PRIVATE_KEY],
  ['github_read_token', () => process.env.GITHUB_READ_TOKEN],
  ['github_webhook_secret', () => process.env.GITHUB_WEBHOOK_SECRET],
  ['discord_webhook_url', () => process.env.DISCORD_WEBHOOK_URL],
  ['slack_webhook_url', () => process.env.SLACK_WEBHOOK_URL],
  ['notify_webhook_url', () => process.env.NOTIFY_WEBHOOK_URL],
  ['notify_webhook_secret', () => process.env.NOTIFY_WEBHOOK_SECRET],
  ['smtp_url', () => process.env.SMTP_URL],
  ['otel_headers', () => process.env.OTEL_EXPORTER_OTLP_HEADERS],
];

mkdirSync(folder, { recursive: true });
const values = writeSettings();
const secrets = resolve(folder, values.get('ORCHESTRATOR_SECRETS') || './secrets');
const read = (name) => readFileSync(join(secrets, name), 'utf8').trim();
writeSecrets();
makeFolder(resolve(folder, values.get('ORCHESTRATOR_REPOSITORIES_DIR') || './repositories'), 0o755);
say('Next: docker compose up --build');
process.stdout.write(lines.join(''));

/** Adds the settings that .env does not name yet. Returns all of its values. */
function writeSettings() {
  const before = existsSync(envFile) ? readFileSync(envFile, 'utf8') : '';
  const found = new Map(
    [...before.matchAll(/^\s*([A-Z_]+)=(.*)$/gm)].map(([, name, value]) => [
      name,
      value.trim().replace(/^(["'])(.*)\1$/, '$2'),
    ]),
  );
  const missing = SETTINGS.filter(([name]) => !found.has(name));
  for (const [name, value] of missing) found.set(name, value);
  const added = missing.map(([name, value, meaning]) => `# ${meaning}\n${name}=${value}\n`).join('');
  const gap = before === '' || before.endsWith('\n') ? '' : '\n';
  if (missing.length > 0) writeFileSync(envFile, before + gap + added, { mode: 0o600 });
  const open = (statSync(envFile).mode & 0o077) !== 0;
  if (open) chmodSync(envFile, 0o600);
  const done = missing.length > 0 ? `added ${missing.map(([name]) => name).join(', ')}` : 'kept as it is';
  say(`${shown(envFile)}: ${done}${open ? '; now readable by you alone' : ''}`);
  return found;
}

/**
 * The folder is closed to others. The files in it are not: each is mounted by itself into containers whose users have
 * other numbers than you.
 */
function writeSecrets() {
  makeFolder(secrets, 0o700);
  for (const [name, make] of SECRETS) {
    const path = join(secrets, name);
    const before = existsSync(path) ? read(name) : '';
    const value = before === '' ? (make() ?? '').trim() : before;
    if (before === '') writeFileSync(path, value === '' ? '' : `${value}\n`);
    chmodSync(path, 0o644);
    say(
      `${shown(path)}: ${before !== '' ? 'kept' : value !== '' ? 'written' : 'empty; put the value there if you use it'}`,
    );
  }
}

function makeFolder(path, mode) {
  if (!existsSync(path)) mkdirSync(path, { recursive: true, mode });
  if (mode === 0o700) chmodSync(path, mode);
}
