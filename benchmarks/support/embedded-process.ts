/**
 * The embedded mode as a process, which reports how long it took from its start to the first claim and what memory it
 * holds when all is done. Arguments: the repository. Ends at SIGTERM.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { openSystem } from '../../packages/embedded/src/open-system.ts';
import { ensureRepository, tickOnce } from '../../packages/embedded/src/scheduling.ts';
import { startEmbedded } from '../../packages/embedded/src/start-embedded.ts';
import { openLogger } from '../../packages/shared/src/boot/logger.ts';
import { readEnvironment } from '../../packages/shared/src/config/environment.ts';
import { identifyRepository } from '../../packages/shared/src/repo/identity.ts';

const env = readEnvironment(process.env, process.cwd());
const { log } = openLogger({ env, service: 'bench', screen: null });
const sinceStartMs = () => Math.round(performance.now());

const system = await openSystem({ env, log });
const databaseMs = sinceStartMs();
let claimed: (() => void) | undefined;
const firstClaim = new Promise<void>((resolve) => {
  claimed = resolve;
});
const running = await startEmbedded(system, {
  stages: (['baseline', 'analyze', 'code', 'validate', 'publish'] as const).map((stage) => ({
    stage,
    timeoutMs: 60_000,
    process: async () => {
      claimed?.();
      return {
        kind: 'wait' as const,
        reason: 'configuration' as const,
        until: new Date(Date.now() + 3_600_000),
        detail: {},
      };
    },
  })),
});
const startedMs = sinceStartMs();
const repository = await ensureRepository(system.db, await identifyRepository(process.argv[2] as string));
await tickOnce({ db: system.db, repositories: system.repositories, repository, log });
await firstClaim;
const firstClaimMs = sinceStartMs();
await sleep(3_000);
process.stdout.write(
  `${JSON.stringify({ databaseMs, startedMs, firstClaimMs, residentMb: Math.round(process.memoryUsage.rss() / 1_048_576) })}\n`,
);
process.once('SIGTERM', async () => {
  await running.stop();
  await system.close();
  process.exit(0);
});
