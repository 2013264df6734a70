import type { Database } from '@orchestrator/shared/db/client.ts';
import { storeSetting } from '@orchestrator/shared/db/setting.ts';
import type { GitHubAccess } from '@orchestrator/shared/github/access.ts';
import type { GitHubAddress } from '@orchestrator/shared/github/address.ts';
import type { GitHub } from '@orchestrator/shared/github/client.ts';
import { failureOf } from '@orchestrator/shared/github/github-error.ts';
import { dashboardFingerprint } from './dashboard-body.ts';

export interface Issue {
  readonly number: number;
  readonly state: string;
  readonly body: string | null;
}

export interface FindIssueOptions {
  readonly db: Database;
  readonly github: GitHub;
  readonly access: Pick<GitHubAccess, 'login'>;
  readonly at: GitHubAddress;
  readonly repositoryId: string;
}

/** Where nobody tells who we are, as many of the newest issues are looked through. */
const MAX_PAGES = 10;
const keyOf = (repositoryId: string): string => `dashboard.issue:${repositoryId}`;

/** The dashboard issue: the one that we remember, or the oldest of ours that holds its marker, open or closed. */
export async function findIssue(options: FindIssueOptions): Promise<Issue | null> {
  const { db, repositoryId } = options;
  const remembered = (await db.setting.findUnique({ where: { key: keyOf(repositoryId) } }))?.value;
  const known = typeof remembered === 'number' ? await readIssue(options, remembered) : null;
  if (known) return known;
  const found = await searchIssue(options);
  if (found) await rememberIssue(db, repositoryId, found.number);
  return found;
}

export async function rememberIssue(db: Database, repositoryId: string, number: number): Promise<void> {
  await storeSetting(db, keyOf(repositoryId), number);
}

/** null: it was deleted, moved away, or holds our marker no longer. */
export async function readIssue(
  { github, at }: Pick<FindIssueOptions, 'github' | 'at'>,
  number: number,
): Promise<Issue | null> {
  try {
    const { data } = await github.issues.get({ ...at, issue_number: number });
    return dashboardFingerprint(data.body ?? null) === null
      ? null
      : { number: data.number, state: data.state, body: data.body ?? null };
  } catch (error) {
    const status = failureOf(error)?.status;
    if (status === 404 || status === 410) return null;
    throw error;
  }
}

async function searchIssue({ github, access, at }: FindIssueOptions): Promise<Issue | null> {
  const creator = await access.login();
  const wanted = { ...at, state: 'all', per_page: 100, ...(creator === null ? {} : { creator }) } as const;
  const found: Issue[] = [];
  let pages = 0;
  for await (const { data } of github.paginate.iterator(github.issues.listForRepo, wanted)) {
    for (const { number, state, body, pull_request } of data)
      if (!pull_request && dashboardFingerprint(body ?? null) !== null)
        found.push({ number, state, body: body ?? null });
    pages += 1;
    if (creator === null && pages === MAX_PAGES) break;
  }
  return found.sort((a, b) => a.number - b.number)[0] ?? null;
}
