import { hostname } from 'node:os';
import type { Database } from '@orchestrator/shared/db/client.ts';
import { alive } from '@orchestrator/shared/embedded-postgres/holders.ts';

/**
 * Ends the leases of workers of this machine whose process is gone, so that a restart after a crash need not wait for
 * them to run out. Worker ids are `host-pid-random`. Returns how many.
 */
export async function endLeasesOfTheDead(db: Database): Promise<number> {
  const running = await db.stageRun.findMany({
    where: { state: 'running', leaseOwner: { startsWith: `${hostname()}-` } },
    select: { id: true, leaseOwner: true },
  });
  const orphans = running.filter(({ leaseOwner }) => {
    const pid = Number(/-(\d+)-[0-9a-f]+$/.exec(leaseOwner ?? '')?.[1]);
    return pid !== process.pid && !alive(pid);
  });
  for (const { id, leaseOwner } of orphans) {
    await db.$executeRaw`UPDATE stage_run SET lease_until = now() - interval '1 second' WHERE id = ${id}::uuid AND state = 'running' AND lease_owner = ${leaseOwner}`;
  }
  return orphans.length;
}
