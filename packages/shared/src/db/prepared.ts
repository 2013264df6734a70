import { type Database, poolOf } from './client.ts';
import type { Prisma } from './generated/client.ts';

/**
 * Runs a statement that every stage needs, prepared under `name` once a connection: planning it, and the client's own
 * layers, take longer than running it. Its text must never change. Rows are as the driver reads them: a bigint is text.
 */
export async function prepared<Row extends object>(
  db: Database,
  name: string,
  { text, values }: Pick<Prisma.Sql, 'text' | 'values'>,
): Promise<Row[]> {
  const { rows } = await poolOf(db).query<Row>({ name, text, values: [...values] });
  return rows;
}
