import { setTimeout as delay } from 'node:timers/promises';
import type { Database } from '../../packages/shared/src/db/client.ts';
import { stageHarness, verdictOf } from '../../services/validator/test/stage-harness.ts';
import { BASE } from './boxed.ts';

const EVERY_MS = 1_500;
/** Far above what it takes beside attacks that are held. */
const MAX_MS = 60_000;

/** Somebody else's job, validated again and again while attacks run: it has to pass each time. */
export async function startSibling(database: Database) {
  const harness = await stageHarness(database, BASE);
  await harness.baseline();
  const disturbed: string[] = [];
  let runs = 0;
  let stopped = false;
  const loop = async () => {
    while (!stopped) {
      const began = performance.now();
      runs++;
      try {
        const verdict = verdictOf(await harness.validate({ 'attack.sh': `echo honest ${runs}\n` }));
        if (!verdict.passed) disturbed.push(`failed: ${verdict.feedback}`);
        if (performance.now() - began > MAX_MS) disturbed.push(`took ${performance.now() - began} ms`);
      } catch (error) {
        disturbed.push(`threw: ${error}`);
      }
      await delay(EVERY_MS);
    }
  };
  const running = loop();
  return {
    async stop() {
      stopped = true;
      await running;
      harness.remove();
      return { runs, disturbed };
    },
  };
}
