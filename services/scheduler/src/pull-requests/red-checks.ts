import type { GitHubAddress } from '@orchestrator/shared/github/address.ts';
import type { GitHub } from '@orchestrator/shared/github/client.ts';
import type { SaidItem } from './review-items.ts';

const RED = ['failure', 'timed_out'];
const MAX_ANNOTATIONS = 20;

/** The checks of a commit: those that failed, once all have ended. */
export async function redChecks(
  github: GitHub,
  at: GitHubAddress,
  commit: string,
): Promise<{ readonly ended: boolean; readonly red: readonly SaidItem[] }> {
  const runs = await github.paginate(github.checks.listForRef, { ...at, ref: commit, filter: 'latest', per_page: 100 });
  const { data: combined } = await github.repos.getCombinedStatusForRef({ ...at, ref: commit, per_page: 100 });
  const ended =
    runs.every(({ status }) => status === 'completed') && combined.statuses.every(({ state }) => state !== 'pending');
  if (!ended) return { ended, red: [] };
  const red: SaidItem[] = [];
  for (const run of runs) {
    if (!RED.includes(run.conclusion ?? '')) continue;
    const annotations =
      run.output.annotations_count === 0
        ? []
        : (await github.checks.listAnnotations({ ...at, check_run_id: run.id, per_page: MAX_ANNOTATIONS })).data;
    const located = annotations.map(({ path, start_line, message }) => `${path}:${start_line}: ${message ?? ''}`);
    red.push({
      ...item(run.name, `run ${run.id}`, run.completed_at),
      body:
        [run.output.title, run.output.summary, ...located].filter(Boolean).join('\n').slice(0, 10_000) || 'no output',
    });
  }
  for (const status of combined.statuses) {
    if (status.state !== 'failure' && status.state !== 'error') continue;
    red.push({
      ...item(status.context, `status ${status.id}`, status.updated_at),
      body: status.description ?? status.state,
    });
  }
  return { ended, red };
}

const item = (author: string, externalId: string, at: string | null) => ({
  source: 'check' as const,
  author,
  externalId,
  path: null,
  line: null,
  saidAt: new Date(at ?? 0),
});
