import { VERSION } from '../boot/version.ts';
import { AppError } from '../errors/app-error.ts';
import type { Dump } from './dump.ts';
import { type LedgerFile, parseLedgerFile, STATE_FORMAT } from './ledger-file.ts';
import type { StateBranch, StateCommit } from './state-branch.ts';

const LEDGER = 'ledger.json';
const TABLES = /^tables\/([a-z_]+)\.jsonl$/;

/** The state as it is on the branch. */
export interface State {
  readonly commit: string;
  readonly ledger: LedgerFile;
  /** The rows of each table; empty where nothing has been done yet. */
  readonly tables: ReadonlyMap<string, string>;
}

/** What is on the branch now; null where there is no branch. Throws STATE_CORRUPT, STATE_VERSION, REPO_UNREACHABLE. */
export async function readState(branch: StateBranch): Promise<State | null> {
  const found = await branch.read();
  return found && stateOf(found, branch.branch);
}

function stateOf({ commit, files }: StateCommit, branch: string): State {
  const text = files.get(LEDGER);
  if (text === undefined)
    throw new AppError('STATE_CORRUPT', { branch, commit: commit.slice(0, 10), problem: `it holds no ${LEDGER}` });
  const tables = new Map<string, string>();
  for (const [path, content] of files) {
    const name = TABLES.exec(path)?.[1];
    if (name !== undefined) tables.set(name, content);
  }
  return { commit, ledger: parseLedgerFile(text, { branch, commit }), tables };
}

/** The database of a state; null where nothing has been done yet. */
export function dumpOf({ ledger, tables }: State): Dump | null {
  return ledger.database && { manifest: ledger.database, tables };
}

export type NewLedger = Pick<LedgerFile, 'hold' | 'wakeAt' | 'budget' | 'open'>;

/** What is written next: `before` is what it follows. */
export function nextState(
  before: State | null,
  ledger: NewLedger,
  dump: Dump | null,
  now: Date,
): Omit<State, 'commit'> {
  return {
    ledger: {
      format: STATE_FORMAT,
      generation: (before?.ledger.generation ?? 0) + 1,
      writtenAt: now.toISOString(),
      version: VERSION,
      ...ledger,
      database: dump?.manifest ?? null,
    },
    tables: dump?.tables ?? new Map(),
  };
}

/** The files of a state. */
export function filesOf({ ledger, tables }: Omit<State, 'commit'>): ReadonlyMap<string, string> {
  const files = new Map([
    ['README.md', README],
    [LEDGER, `${JSON.stringify(ledger, null, 2)}\n`],
  ]);
  for (const [name, text] of tables) files.set(`tables/${name}.jsonl`, text);
  return files;
}

/** A push must start no workflow. */
export const messageOf = ({ ledger }: Omit<State, 'commit'>): string =>
  `State ${ledger.generation}${ledger.hold === null ? '' : ', in use'} [skip ci]\n`;

const README = `# State of AI Orchestrator

Written by its runs in GitHub Actions: what they have done, and what they have spent. The branch is replaced as a whole,
so it has one commit.

Deleting it, or setting it back, makes the orchestrator forget what it has spent. \`ledger.json\` is for reading; change
nothing by hand: \`orchestrator state pull\` takes the state to your machine and \`orchestrator state push\` brings it back.
`;
