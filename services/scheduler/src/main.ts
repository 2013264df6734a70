import { runService } from '@orchestrator/shared/boot/run-service.ts';
import { createBudgetUpkeep } from './budget-upkeep.ts';
import { createHttpServer } from './http/http-server.ts';
import { createRelay } from './relay.ts';
import { createSweeper } from './sweeper.ts';
import { createTicker } from './ticker.ts';

await runService('scheduler', (resources) => {
  const { db, databaseUrl, transport, ledger, repositories, log } = resources;
  return [
    createRelay({ db, databaseUrl, transport, log }),
    createSweeper({ db, transport, log }),
    createBudgetUpkeep({ db, ledger, log }),
    createTicker({ db, repositories, log }),
    createHttpServer(resources),
  ];
});
