import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { withSchemaEngine } from './schema-engine.ts';

/**
 * The SQL that makes an empty database fit the Prisma schema. Used to write the next migration by hand and to test that
 * migrations and schema agree: the engine cannot describe a live database through an adapter.
 */
export async function schemaSql(url: string): Promise<string> {
  const folder = join(import.meta.dirname, 'schema');
  const names = (await readdir(folder)).filter((name) => name.endsWith('.prisma')).sort();
  const files = await Promise.all(
    names.map(async (name) => ({ path: join(folder, name), content: await readFile(join(folder, name), 'utf8') })),
  );
  return withSchemaEngine(
    url,
    files.map((file) => [file.path, file.content]),
    async (engine) => {
      const result = await engine.diff({
        from: { tag: 'empty' },
        to: { tag: 'schemaDatamodel', files },
        script: true,
        exitCode: null,
        filters: { externalTables: [], externalEnums: [] },
      });
      return result.stdout ?? '';
    },
  );
}
