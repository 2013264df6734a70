import type { FastifyInstance } from 'fastify';
import { now, type RepositoryState } from './repository-state.ts';

/** Check runs of a commit with their annotations, and its combined status, which nobody here sets. */
export function checkRoutes(app: FastifyInstance, state: RepositoryState): void {
  const root = `/repos/${state.owner}/${state.name}`;

  app.get<{ Params: { ref: string } }>(`${root}/commits/:ref/check-runs`, async (request) => {
    const latest = new Map(
      state.checks.filter(({ headSha }) => headSha === request.params.ref).map((check) => [check.name, check]),
    );
    const rows = [...latest.values()].map((check) => ({
      id: check.id,
      head_sha: check.headSha,
      name: check.name,
      status: check.status,
      conclusion: check.conclusion,
      completed_at: check.status === 'completed' ? now() : null,
      output: { title: check.title, summary: check.summary, text: null, annotations_count: check.annotations.length },
    }));
    return { total_count: rows.length, check_runs: rows };
  });

  app.get<{ Params: { id: string } }>(`${root}/check-runs/:id/annotations`, async (request) => {
    const check = state.checks.find(({ id }) => id === Number(request.params.id));
    return (check?.annotations ?? []).map(({ path, line, message }) => ({
      path,
      start_line: line,
      end_line: line,
      annotation_level: 'failure',
      message,
    }));
  });

  app.get<{ Params: { ref: string } }>(`${root}/commits/:ref/status`, async (request) => ({
    state: 'pending',
    sha: request.params.ref,
    total_count: 0,
    statuses: [],
  }));
}
