import { runService } from '@orchestrator/shared/boot/run-service.ts';
import { createBudgetUpkeep } from './budget-upkeep.ts';
import { createRelay } from './relay.ts';
import { createSweeper } from './sweeper.ts';
import { createTicker } from './ticker.ts';

await runService('scheduler', ({ db, databaseUrl, transport, ledger, repositories, log }) => [
  createRelay({ db, databaseUrl, transport, log }),
  createSweeper({ db, transport, log }),
  createBudgetUpkeep({ db, ledger, log }),
  createTicker({ db, repositories, log }),
]);
