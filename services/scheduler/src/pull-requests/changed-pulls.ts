import type { Database } from '@orchestrator/shared/db/client.ts';
import { storeSetting } from '@orchestrator/shared/db/setting.ts';
import type { GitHubAddress } from '@orchestrator/shared/github/address.ts';
import type { GitHub } from '@orchestrator/shared/github/client.ts';
import type { SeenPull } from './apply-pull.ts';

export type ListedPull = Awaited<ReturnType<GitHub['pulls']['list']>>['data'][number];

/** What changed before the last look by less than this is read again: clocks differ, and applying twice does nothing. */
const OVERLAP_MS = 5 * 60_000;

/** Our pull requests that changed since the last look. `remember` moves on; until then they are shown again. */
export async function changedPulls(db: Database, github: GitHub, at: GitHubAddress, repositoryId: string) {
  const key = `pulls.seen:${repositoryId}`;
  const stored = (await db.setting.findUnique({ where: { key } }))?.value;
  const before = typeof stored === 'string' ? stored : null;
  const since = new Date(before === null ? 0 : Date.parse(before) - OVERLAP_MS);
  const rows = await db.pullRequest.findMany({
    where: { repositoryId, number: { not: null } },
    select: { number: true },
  });
  const ours = new Set(rows.map(({ number }) => number));
  const pulls: ListedPull[] = [];
  let newest = before;
  const list = { ...at, state: 'all', sort: 'updated', direction: 'desc', per_page: 100 } as const;
  for await (const { data } of github.paginate.iterator(github.pulls.list, list)) {
    for (const pull of data) if (newest === null || pull.updated_at > newest) newest = pull.updated_at;
    pulls.push(...data.filter((pull) => ours.has(pull.number) && new Date(pull.updated_at) >= since));
    const last = data.at(-1);
    if (last === undefined || new Date(last.updated_at) < since) break;
  }
  return {
    pulls,
    async remember(): Promise<void> {
      if (newest !== null) await storeSetting(db, key, newest);
    },
  };
}

export const seen = (pull: ListedPull): SeenPull => ({
  number: pull.number,
  url: pull.html_url,
  body: pull.body,
  labels: pull.labels.map(({ name }) => name),
  headCommit: pull.head.sha,
  state: pull.merged_at ? 'merged' : pull.state === 'open' ? 'open' : 'closed',
  endedAt: (pull.merged_at ?? pull.closed_at) ? new Date((pull.merged_at ?? pull.closed_at) as string) : null,
});
