import type { Component } from '@orchestrator/shared/boot/resources.ts';
import type { Database } from '@orchestrator/shared/db/client.ts';
import { readDatabaseSamples } from '@orchestrator/shared/telemetry/database-samples.ts';

/** Tells, when /metrics is asked for, what only the database knows. */
export const createDatabaseMetrics = (db: Database): Component => ({
  name: 'database metrics',
  start: async () => {},
  stop: async () => {},
  samples: () => readDatabaseSamples(db),
});
