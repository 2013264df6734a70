import { createHash } from 'node:crypto';
import { withClient } from '../db/with-client.ts';
import type { DatabaseManifest } from './ledger-file.ts';
import { rowsOf, stateTables } from './tables.ts';

/** A database as text: what it must be, and the rows of each table, one JSON object a line. */
export interface Dump {
  readonly manifest: DatabaseManifest;
  readonly tables: ReadonlyMap<string, string>;
}

/** All committed rows of one instant. Equal databases give equal dumps. */
export async function dumpDatabase(url: string): Promise<Dump> {
  return withClient({ connectionString: url, options: ROWS_AS_TEXT }, async (client) => {
    await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY');
    const { rows: migrations } = await client.query<{ name: string; checksum: string }>(
      `SELECT migration_name AS name, checksum FROM _prisma_migrations
       WHERE finished_at IS NOT NULL AND rolled_back_at IS NULL ORDER BY migration_name`,
    );
    const { rows: sequences } = await client.query<{ name: string; last: string }>(
      `SELECT sequencename AS name, last_value::text AS last FROM pg_sequences
       WHERE schemaname = 'public' AND last_value IS NOT NULL ORDER BY 1`,
    );
    const tables = new Map<string, string>();
    const described: DatabaseManifest['tables'] = [];
    for (const table of await stateTables(client)) {
      const { rows } = await client.query<{ row: string }>(rowsOf(table));
      const text = rows.map(({ row }) => `${row}\n`).join('');
      tables.set(table.name, text);
      described.push({ name: table.name, rows: rows.length, sha256: sha256(text) });
    }
    await client.query('COMMIT');
    return {
      manifest: {
        migrations,
        sequences: Object.fromEntries(sequences.map(({ name, last }) => [name, last])),
        tables: described,
      },
      tables,
    };
  });
}

/** Instants are written as they are read, whatever the server's defaults are. */
export const ROWS_AS_TEXT = '-c TimeZone=UTC -c DateStyle=ISO';

export const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
