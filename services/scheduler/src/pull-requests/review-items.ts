import type { ReviewItem } from '@orchestrator/shared/contracts/review.ts';
import type { Database } from '@orchestrator/shared/db/client.ts';
import type { GitHubAddress } from '@orchestrator/shared/github/address.ts';
import type { GitHub } from '@orchestrator/shared/github/client.ts';

/** A thing that was said, with the platform's id of it. */
export interface SaidItem extends ReviewItem {
  readonly externalId: string;
  readonly saidAt: Date;
  /** Why it is not to be worked on; absent: it is. */
  readonly dropped?: string;
}

interface Author {
  readonly login: string;
  readonly type: string;
}

/** Whether a person may write to the repository: asked once a look. */
export type MayWrite = (login: string) => Promise<boolean>;

export function writersOf(github: GitHub, at: GitHubAddress): MayWrite {
  const known = new Map<string, Promise<boolean>>();
  const ask = async (username: string): Promise<boolean> => {
    const { data } = await github.repos.getCollaboratorPermissionLevel({ ...at, username });
    return ['admin', 'maintain', 'write'].includes(data.permission) || data.role_name === 'maintain';
  };
  return (login) => {
    const found = known.get(login) ?? ask(login);
    known.set(login, found);
    return found;
  };
}

export interface Said {
  readonly items: readonly SaidItem[];
  /** When a person last said anything, an approval too; null: nobody has. */
  readonly reactedAt: Date | null;
}

/** What people said about a pull request: reviews that are no approval, comments on lines, and comments. */
export async function readSaid(github: GitHub, at: GitHubAddress, number: number, mayWrite: MayWrite): Promise<Said> {
  const pull = { ...at, pull_number: number, per_page: 100 };
  const [reviews, lines, comments] = [
    await github.paginate(github.pulls.listReviews, pull),
    await github.paginate(github.pulls.listReviewComments, pull),
    await github.paginate(github.issues.listComments, { ...at, issue_number: number, per_page: 100 }),
  ];
  const rows: { item: Omit<SaidItem, 'author' | 'dropped'>; author: Author | null; silent: boolean }[] = [
    ...reviews.map((review) => ({
      item: said('review', review.id, review.body, review.submitted_at),
      author: review.user,
      // An approval asks for nothing, and a review without words has them on its lines.
      silent: review.state === 'APPROVED' || review.state === 'DISMISSED' || review.body.trim() === '',
    })),
    ...lines.map((comment) => ({
      item: {
        ...said('line', comment.id, comment.body, comment.created_at),
        path: comment.path,
        line: comment.line ?? null,
      },
      author: comment.user,
      silent: false,
    })),
    ...comments.map((comment) => ({
      item: said('comment', comment.id, comment.body ?? '', comment.created_at),
      author: comment.user,
      silent: (comment.body ?? '').trim() === '',
    })),
  ];
  const items: SaidItem[] = [];
  let reactedAt: Date | null = null;
  for (const { item, author, silent } of rows) {
    if (author === null) continue;
    if (notAPerson(item.body, author) === null && (reactedAt === null || item.saidAt > reactedAt))
      reactedAt = item.saidAt;
    if (silent) continue;
    const dropped = await whyDropped(item.body, author, mayWrite);
    items.push({ ...item, author: author.login, ...(dropped === null ? {} : { dropped }) });
  }
  return { items, reactedAt };
}

const said = (source: ReviewItem['source'], id: number, body: string, at: string | undefined) => ({
  source,
  externalId: String(id),
  path: null as string | null,
  line: null as number | null,
  body: body.slice(0, 10_000),
  saidAt: new Date(at ?? 0),
});

/** Bots and our own words start nothing, so no loop can form; nor do people who could not push themselves. */
async function whyDropped(body: string, author: Author, mayWrite: MayWrite): Promise<string | null> {
  const notAPersons = notAPerson(body, author);
  if (notAPersons !== null) return notAPersons;
  return (await mayWrite(author.login)) ? null : 'its author may not write to the repository';
}

function notAPerson(body: string, { login, type }: Author): string | null {
  if (type === 'Bot' || login.endsWith('[bot]')) return 'a bot said it';
  return body.includes('<!-- ai-orchestrator') ? 'we said it' : null;
}

/** Stores what was said, and that somebody reacted. Telling the same again does nothing. */
export async function storeSaid(db: Database, pullRequestId: string, { items, reactedAt }: Said): Promise<void> {
  await storeItems(db, pullRequestId, items);
  if (reactedAt !== null) await storeReaction(db, pullRequestId, reactedAt);
}

export async function storeReaction(db: Database, pullRequestId: string, at: Date): Promise<void> {
  await db.pullRequest.updateMany({
    where: { id: pullRequestId, OR: [{ reactedAt: null }, { reactedAt: { lt: at } }] },
    data: { reactedAt: at },
  });
}

/** Stores what is new. Telling the same again does nothing. */
export async function storeItems(db: Database, pullRequestId: string, items: readonly SaidItem[]): Promise<void> {
  await db.reviewItem.createMany({
    data: items.map(({ dropped = null, ...item }) => ({ ...item, dropped, pullRequestId })),
    skipDuplicates: true,
  });
}
