/**
 * From the start of the process to the first claimed stage in the embedded mode (aim: 3,000 ms), on a new home and on one
 * that exists, and the memory that embedded mode and services hold when idle (aims: 400 MB without Postgres, 130 MB a
 * service, with the settings of the images). Medians of 3. A service's is its share of what it has in memory: pages that it
 * has in common with others, such as Node itself, are divided among them.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { openDatabase } from '../packages/shared/src/db/client.ts';
import { openEmbeddedPostgres } from '../packages/shared/src/embedded-postgres/cluster.ts';
import { openBenchMachine, shareMb, startProgram } from './support/machine.ts';

const ROUNDS = 3;
const median = (numbers: number[]): number => numbers.sort((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? 0;
const fresh: number[] = [];
const again: number[] = [];
const embedded: number[] = [];
const services: Record<string, number> = {};

for (let round = 0; round < ROUNDS; round++) {
  const machine = await openBenchMachine(2);
  for (const times of [fresh, again]) {
    const program = startProgram(join(import.meta.dirname, 'support/embedded-process.ts'), machine.variables, [
      machine.repository,
    ]);
    // The second start has a task left to claim: the first ended with one admitted of two.
    const report = await program.line((line) => 'firstClaimMs' in line);
    times.push(report.firstClaimMs as number);
    embedded.push(report.residentMb as number);
    await program.stop();
    if (times === fresh) await reopen(machine.variables.ORCHESTRATOR_HOME);
  }
  if (round === ROUNDS - 1) Object.assign(services, await idleServices(machine.variables));
  await machine.close();
}
process.stdout.write(
  `${JSON.stringify({ benchmark: 'startup', rounds: ROUNDS, freshHomeMs: median(fresh), existingHomeMs: median(again), embeddedResidentMb: median(embedded), serviceMb: services })}\n`,
);

/** Makes the parked stages claimable again. */
async function reopen(home: string): Promise<void> {
  const server = await openEmbeddedPostgres(join(home, 'postgres'));
  const database = openDatabase(await server.url('orchestrator'));
  await database.$executeRaw`UPDATE stage_run SET available_at = now(), parked_reason = NULL`;
  await database.$executeRaw`UPDATE outbox SET not_before = now()`;
  await database.$disconnect();
  await server.close();
}

async function idleServices(variables: Record<string, string>): Promise<Record<string, number>> {
  const server = await openEmbeddedPostgres(join(variables.ORCHESTRATOR_HOME as string, 'postgres'));
  const measured: Record<string, number> = {};
  for (const name of ['analyzer', 'coder', 'validator', 'notifier', 'scheduler']) {
    const program = startProgram(join(import.meta.dirname, `../services/${name}/src/main.ts`), {
      ...variables,
      DATABASE_URL: await server.url('orchestrator'),
      ORCHESTRATOR_HEALTH_ADDRESS: '127.0.0.1:0',
      ORCHESTRATOR_LOG_LEVEL: 'info',
      ...imageSettings(),
    });
    await program.line((line) => line.msg === `${name} started`);
    await sleep(3_000);
    measured[name] = shareMb(program.pid);
    await program.stop();
  }
  await server.close();
  return measured;
}

/** What the images set for Node and its allocator. */
function imageSettings(): Record<string, string> {
  const dockerfile = readFileSync(join(import.meta.dirname, '../Dockerfile'), 'utf8');
  return Object.fromEntries(
    ['NODE_OPTIONS', 'MALLOC_ARENA_MAX'].map((name) => {
      const value = new RegExp(`\\b${name}=(\\S+)`).exec(dockerfile)?.[1];
      if (value === undefined) throw new Error(`the Dockerfile sets no ${name}`);
      return [name, value];
    }),
  );
}
