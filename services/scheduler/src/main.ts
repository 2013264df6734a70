import { runService } from '@orchestrator/shared/boot/run-service.ts';
import { createBudgetUpkeep } from './budget-upkeep.ts';
import { createHttpServer } from './http/http-server.ts';
import { createPullWatcher } from './pull-requests/watch-pulls.ts';
import { createRelay } from './relay.ts';
import { createSweeper } from './sweeper.ts';
import { createTicker } from './ticker.ts';

await runService('scheduler', (resources) => {
  const { db, databaseUrl, env, transport, ledger, repositories, log } = resources;
  return [
    createRelay({ db, databaseUrl, transport, log }),
    createSweeper({ db, transport, log }),
    createBudgetUpkeep({ db, ledger, log }),
    createPullWatcher({ db, env, repositories, log }),
    createTicker({ db, repositories, log }),
    createHttpServer(resources),
  ];
});
