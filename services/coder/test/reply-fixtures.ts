import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Replies in the forms that models use, below fixtures/replies. A fixture is plain text in sections: `%%% file <path>`
 * gives the repository, `%%% reply` the reply, and then what has to come of it.
 */
const FOLDER = join(import.meta.dirname, '../fixtures/replies');

export interface ReplyFixture {
  readonly name: string;
  readonly base: Readonly<Record<string, string>>;
  readonly reply: string;
  /** The repository afterwards; null where the reply has to be refused. */
  readonly expected: Readonly<Record<string, string>> | null;
  readonly summaries: readonly string[];
  /** `code path hunk`, with `-` for what is not named. */
  readonly rejected: readonly string[];
  /** `path hunk` of the parts of a refused reply that fit. */
  readonly applied: readonly string[];
}

export const readReplyFixtures = (): ReplyFixture[] => readdirSync(FOLDER).map(readFixture);

function readFixture(name: string): ReplyFixture {
  const sections = readFileSync(join(FOLDER, name), 'utf8')
    .split(/^%%% /m)
    .slice(1)
    .map((part) => {
      const end = part.indexOf('\n');
      const [kind = '', ...args] = part.slice(0, end).split(' ');
      return { kind, args: args.join(' '), body: part.slice(end + 1) };
    });
  const of = (kind: string) => sections.filter((section) => section.kind === kind);
  const argsOf = (kind: string) => of(kind).map(({ args }) => args);
  const bodies = (kind: string) => Object.fromEntries(of(kind).map(({ args, body }) => [args, body]));
  const base = bodies('file');
  const after = { ...base, ...bodies('expect') };
  for (const path of argsOf('deleted')) delete after[path];
  const rejected = argsOf('rejected');
  return {
    name,
    base,
    reply: of('reply')[0]?.body ?? '',
    expected: rejected.length > 0 ? null : after,
    summaries: argsOf('summary'),
    rejected,
    applied: argsOf('applied'),
  };
}
