import { spawn } from 'node:child_process';
import { chmodSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startTestServer, testDatabase } from '../../packages/testkit/src/postgres.ts';
import { plantCanaries } from './canaries.ts';
import { loadCases, type RunResult, runAttacks } from './run-attacks.ts';

/**
 * Attacks the service as a hostile model would, as root and as an ordinary user: npm run attack -- --json
 *
 * Exits with 1 unless every case is contained, nothing leaks, nothing survives and nobody else is disturbed. `--only 12`
 * runs one row. Cases that this machine cannot express are listed, not counted.
 */
const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    only: { type: 'string' },
    slots: { type: 'string', default: '3' },
    /** Of the process that this one starts as an ordinary user. */
    child: { type: 'boolean', default: false },
  },
});
/** Any user without a name will do. */
const ORDINARY_UID = 54_321;
const root = process.getuid?.() === 0;
const user = root ? 'root' : 'user';
const log = (line: string) => void process.stderr.write(`${user.padEnd(4)} ${line}\n`);

interface Summary {
  readonly cases: number;
  readonly contained: number;
  readonly escaped: number;
  readonly leakedSecrets: number;
  readonly survivors: number;
  readonly siblingsDisturbed: number;
  readonly inexpressible: readonly string[];
}

if (values.child) {
  process.stdout.write(`${JSON.stringify(await attackAsThisUser())}\n`);
} else {
  const server = await startTestServer();
  try {
    const [own, other] = await Promise.all([attackAsThisUser(), root ? attackAsOrdinaryUser() : null]);
    const total = other === null ? own : sum(own, other);
    if (other === null) log('started by an ordinary user: nothing was tried as root');
    for (const line of total.inexpressible) log(`not expressible here: ${line}`);
    const text = values.json ? JSON.stringify(total) : describe(total);
    process.stdout.write(`${text}\n`);
    const holds =
      total.cases > 0 &&
      total.contained === total.cases &&
      total.escaped + total.leakedSecrets + total.survivors + total.siblingsDisturbed === 0;
    process.exitCode = holds ? 0 : 1;
  } finally {
    await server.stop();
  }
}

async function attackAsThisUser(): Promise<Summary> {
  const folder = mkdtempSync(join(tmpdir(), 'orchestrator-attack-'));
  chmodSync(folder, 0o711);
  const canaries = await plantCanaries(folder);
  const test = await testDatabase();
  try {
    const only = values.only?.split(',').map(Number);
    const cases = (await loadCases()).filter(({ row }) => only?.includes(row) ?? true);
    return summarize(
      await runAttacks({ cases, canaries, root, log, database: test.database, slots: Number(values.slots) }),
    );
  } finally {
    await test.close();
    await canaries.close();
  }
}

/** The same program without root's rights. It reports on its standard output. */
function attackAsOrdinaryUser(): Promise<Summary> {
  const id = String(ORDINARY_UID);
  const child = spawn(
    'setpriv',
    ['--reuid', id, '--regid', id, '--clear-groups', process.execPath, ...process.argv.slice(1), '--child'],
    {
      env: { ...process.env, HOME: '/nonexistent', TMPDIR: '/tmp', LOGNAME: 'ordinary', USER: 'ordinary' },
      stdio: ['ignore', 'pipe', 'inherit'],
      cwd: '/',
    },
  );
  let out = '';
  child.stdout.on('data', (chunk: Buffer) => {
    out += chunk.toString('utf8');
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => {
      const last = out.trim().split('\n').at(-1) ?? '';
      code === 0 && last.startsWith('{')
        ? resolve(JSON.parse(last) as Summary)
        : reject(new Error(`the run as an ordinary user ended with ${code}`));
    });
  });
}

function summarize({ results, inexpressible, siblingsDisturbed }: RunResult): Summary {
  const contained = results.filter(({ problems }) => problems.length === 0).length;
  return {
    cases: results.length,
    contained,
    escaped: results.length - contained,
    leakedSecrets: results.filter(({ leakedSecret }) => leakedSecret).length,
    survivors: results.reduce((total, { survivors }) => total + survivors, 0),
    siblingsDisturbed,
    inexpressible: inexpressible.map((line) => `${user}: ${line}`),
  };
}

function sum(one: Summary, other: Summary): Summary {
  return {
    cases: one.cases + other.cases,
    contained: one.contained + other.contained,
    escaped: one.escaped + other.escaped,
    leakedSecrets: one.leakedSecrets + other.leakedSecrets,
    survivors: one.survivors + other.survivors,
    siblingsDisturbed: one.siblingsDisturbed + other.siblingsDisturbed,
    inexpressible: [...one.inexpressible, ...other.inexpressible],
  };
}

function describe(total: Summary): string {
  return `${total.contained} of ${total.cases} attacks contained, ${total.leakedSecrets} leaked a secret, ${total.survivors} processes survived, ${total.siblingsDisturbed} jobs beside them were disturbed.`;
}
