import { z } from 'zod';
import { defineCommand } from '../command.ts';
import { table } from '../show/table.ts';
import { instant } from '../show/words.ts';

interface Migration {
  readonly name: string;
  readonly at: Date;
}

export default defineCommand({
  name: 'migrate',
  summary: 'bring the database to the version that this program needs',
  description:
    'Other commands do this by themselves with the embedded database; services of a full stack do not, and wait for it.',
  input: z.object({}),
  examples: [['DATABASE_URL=postgres://... orchestrator migrate', 'before the services of a new version start']],
  logs: 'query',
  async run(context) {
    const began = new Date();
    const { db } = await context.system();
    const migrations = await db.$queryRaw<
      Migration[]
    >`SELECT migration_name AS name, finished_at AS at FROM _prisma_migrations WHERE finished_at IS NOT NULL ORDER BY migration_name`;
    // Opening the system is what migrates; the database's clock wrote the times.
    const [clock] = await db.$queryRaw<{ now: Date }[]>`SELECT clock_timestamp() AS now`;
    const since = new Date(began.getTime() + ((clock?.now.getTime() ?? Date.now()) - Date.now()) - 1);
    const applied = migrations.filter(({ at }) => at >= since).map(({ name }) => name);
    return {
      data: { applied, migrations },
      render: (view) =>
        [
          applied.length === 0 ? 'The database is up to date.' : `Applied: ${applied.join(', ')}`,
          table(
            [{ title: 'Migration', flexible: true }, { title: 'Applied' }],
            migrations.map(({ name, at }) => [name, instant(at)]),
            view,
          ),
        ].join('\n\n'),
    };
  },
});
