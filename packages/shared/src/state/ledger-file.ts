import { z } from 'zod';
import { AppError } from '../errors/app-error.ts';

/** Of what this program writes. A higher number is refused: what it means is not known here. */
export const STATE_FORMAT = 1;

const Instant = z.iso.datetime({ offset: true });

/** Who works with the state now. Clocks only decide who may take over; the money does not depend on them. */
const Hold = z.object({
  id: z.uuid(),
  /** Address of the run, for people. */
  by: z.string(),
  since: Instant,
  /** Whoever finds a hold that is older than this takes over. */
  until: Instant,
});
export type Hold = z.infer<typeof Hold>;

const Database = z.object({
  /** As the database had them applied, in order. */
  migrations: z.array(z.object({ name: z.string(), checksum: z.string() })),
  /** Last values, as decimal text. */
  sequences: z.record(z.string(), z.string().regex(/^\d+$/)),
  tables: z.array(
    z.object({ name: z.string().regex(/^[a-z_]+$/), rows: z.number().int().min(0), sha256: z.string().length(64) }),
  ),
});
export type DatabaseManifest = z.infer<typeof Database>;

/** ledger.json on the state branch: who holds the state, what may be spent, and what the tables beside it must be. */
const LedgerFile = z.object({
  format: z.literal(STATE_FORMAT),
  /** Counts what was written. */
  generation: z.number().int().min(1),
  writtenAt: Instant,
  /** Version of the program that wrote it. */
  version: z.string(),
  hold: Hold.nullable(),
  /** When a wake-up has something to do next; null: at once. */
  wakeAt: Instant.nullable(),
  /** For people: as token_budget.json. The tables count. */
  budget: z.record(z.string(), z.unknown()).nullable(),
  /** For people: reservations whose end is not known here. They count as spent. */
  open: z.array(z.object({ attempt: z.string(), usd: z.string(), until: Instant })),
  /** null: nothing has been done yet. */
  database: Database.nullable(),
});
export type LedgerFile = z.infer<typeof LedgerFile>;

/** Reads ledger.json. Throws STATE_VERSION for what a newer program wrote, STATE_CORRUPT for what is none. */
export function parseLedgerFile(text: string, where: { branch: string; commit: string }): LedgerFile {
  const corrupt = (problem: string): AppError =>
    new AppError('STATE_CORRUPT', { ...where, commit: where.commit.slice(0, 10), problem });
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch (error) {
    throw corrupt(`ledger.json is no JSON: ${(error as Error).message}`);
  }
  const written = z.object({ format: z.number().int() }).safeParse(content);
  if (written.success && written.data.format > STATE_FORMAT)
    throw new AppError('STATE_VERSION', {
      branch: where.branch,
      found: `format ${written.data.format}`,
      wanted: `format ${STATE_FORMAT}`,
    });
  const parsed = LedgerFile.safeParse(content);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw corrupt(`ledger.json: ${issue?.path.join('.') || 'the file'}: ${issue?.message}`);
}
