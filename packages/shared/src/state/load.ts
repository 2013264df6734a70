import type pg from 'pg';
import { migrate, shippedMigrations } from '../db/migrate.ts';
import { withClient } from '../db/with-client.ts';
import { AppError } from '../errors/app-error.ts';
import { type Dump, ROWS_AS_TEXT, sha256 } from './dump.ts';

export interface Origin {
  readonly branch: string;
  readonly commit: string;
}

/** Rows of one statement: well below what one JSON value may hold. */
const BATCH_CHARACTERS = 4 * 1024 * 1024;

/**
 * Fills an empty database with a dump, at the version that wrote it, and migrates it to ours. After a failure there is no row.
 * Throws STATE_CORRUPT where the dump is not what its manifest says, STATE_VERSION where a newer program wrote it.
 */
export async function loadDatabase(url: string, dump: Dump, origin: Origin): Promise<void> {
  checkWhole(dump, origin);
  await checkVersion(dump, origin);
  await migrate(url, { only: dump.manifest.migrations.map(({ name }) => name) });
  await withClient({ connectionString: url, options: ROWS_AS_TEXT }, (client) =>
    fill(client, dump).catch((error: unknown) => {
      throw corrupt(origin, error instanceof Error ? error.message : String(error), error);
    }),
  );
  await migrate(url);
}

async function fill(client: pg.Client, dump: Dump): Promise<void> {
  await client.query('BEGIN');
  // Rows come in the order of names, and history is not written twice: rules between tables wait, CHECKs hold.
  await client.query('SET LOCAL session_replication_role = replica');
  for (const [name, text] of dump.tables) {
    // A migration may have written rows of its own.
    await client.query(`DELETE FROM ${client.escapeIdentifier(name)}`);
    for (const rows of batches(text))
      await client.query(
        `INSERT INTO ${client.escapeIdentifier(name)}
           SELECT * FROM jsonb_populate_recordset(NULL::${client.escapeIdentifier(name)}, $1::jsonb)`,
        [`[${rows.join(',')}]`],
      );
  }
  for (const [name, value] of Object.entries(dump.manifest.sequences))
    await client.query('SELECT setval($1::regclass, $2::bigint)', [client.escapeIdentifier(name), value]);
  await client.query('COMMIT');
}

/** What the manifest names is there as it was written, and nothing else. */
function checkWhole({ manifest, tables }: Dump, origin: Origin): void {
  for (const { name, sha256: expected } of manifest.tables) {
    const text = tables.get(name);
    if (text === undefined) throw corrupt(origin, `tables/${name}.jsonl is missing`);
    if (sha256(text) !== expected) throw corrupt(origin, `tables/${name}.jsonl is not what ledger.json says`);
  }
  const named = new Set(manifest.tables.map(({ name }) => name));
  for (const name of tables.keys())
    if (!named.has(name)) throw corrupt(origin, `ledger.json does not name tables/${name}.jsonl`);
}

async function checkVersion({ manifest }: Dump, { branch }: Origin): Promise<void> {
  const shipped = await shippedMigrations();
  for (const { name, checksum } of manifest.migrations) {
    const known = shipped.find((migration) => migration.name === name);
    if (known?.checksum === checksum) continue;
    const found = known ? `another text of migration ${name}` : `migration ${name}`;
    throw new AppError('STATE_VERSION', { branch, found, wanted: shipped.at(-1)?.name ?? 'none' });
  }
}

function* batches(text: string): Generator<string[]> {
  let batch: string[] = [];
  let characters = 0;
  for (const line of text.split('\n')) {
    if (line === '') continue;
    if (characters > 0 && characters + line.length > BATCH_CHARACTERS) {
      yield batch;
      batch = [];
      characters = 0;
    }
    batch.push(line);
    characters += line.length;
  }
  if (batch.length > 0) yield batch;
}

const corrupt = ({ branch, commit }: Origin, problem: string, cause?: unknown): AppError =>
  new AppError('STATE_CORRUPT', { branch, commit: commit.slice(0, 10), problem }, { cause });
