import type { Client } from 'pg';

/** Nothing of these outlives the machine: what was applied stands in ledger.json, and its processes are gone. */
const NOT_KEPT = ['_prisma_migrations', 'worker'];

/**
 * Texts that nobody asks for any more are left out. A question is looked up while its stage run is worked on; an answer
 * may be replayed for a month. Hash, usage and cost stay.
 */
const LEFT_OUT: Readonly<Record<string, string>> = {
  model_call: `CASE WHEN EXISTS (SELECT FROM stage_run s WHERE s.id = t.stage_run_id AND s.ended_at IS NOT NULL)
      THEN '{"request": {}}'::jsonb ELSE '{}'::jsonb END
    || CASE WHEN t.ended_at < now() - interval '30 days' THEN '{"response": null}'::jsonb ELSE '{}'::jsonb END`,
};

export interface Table {
  readonly name: string;
  /** Columns of the primary key. */
  readonly key: readonly string[];
}

/** The tables whose rows are the state, by name. */
export async function stateTables(client: Client): Promise<Table[]> {
  const { rows } = await client.query<Table>(`
    SELECT c.relname AS name, array_agg(a.attname::text ORDER BY array_position(i.indkey::int2[], a.attnum)) AS key
    FROM pg_class c JOIN pg_index i ON i.indrelid = c.oid AND i.indisprimary
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = ANY (i.indkey)
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r'
    GROUP BY 1`);
  return rows.filter(({ name }) => !NOT_KEPT.includes(name)).sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** One JSON object a row, in the order of the primary key: the same rows give the same text. */
export const rowsOf = ({ name, key }: Table): string =>
  `SELECT (to_jsonb(t)${name in LEFT_OUT ? ` || ${LEFT_OUT[name]}` : ''})::text AS row FROM "${name}" t
   ORDER BY ${key.map((column) => `t."${column}"`).join(', ')}`;
