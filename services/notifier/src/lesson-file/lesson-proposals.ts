import { createLoop } from '@orchestrator/shared/boot/loop.ts';
import type { Repositories } from '@orchestrator/shared/boot/repositories.ts';
import type { Component } from '@orchestrator/shared/boot/resources.ts';
import type { Environment } from '@orchestrator/shared/config/environment.ts';
import type { Database } from '@orchestrator/shared/db/client.ts';
import { AppError, describeError } from '@orchestrator/shared/errors/app-error.ts';
import type { Logger } from 'pino';
import { proposeLessons } from './propose.ts';

export interface LessonProposalsOptions {
  readonly db: Database;
  readonly env: Environment;
  readonly repositories: Repositories;
  readonly log: Logger;
  /** Default: an hour. */
  readonly everyMs?: number;
}

const HOUR_MS = 3_600_000;
/** A change of lessons is seldom alone: it waits for others, and a short run for nothing. */
const FIRST_AFTER_MS = 60_000;

/** Proposes the lessons of each repository that wants them as a file. Several notifiers may do so at once. */
export function createLessonProposals(options: LessonProposalsOptions): Component {
  const { log, everyMs = HOUR_MS } = options;
  const beganAt = performance.now();
  return createLoop({
    name: 'lesson proposals',
    everyMs,
    async round(stopping) {
      const early = Math.min(FIRST_AFTER_MS, everyMs) - (performance.now() - beganAt);
      if (early > 0) return early;
      await proposeAll(options, stopping);
      return undefined;
    },
    failed: (error) => log.warn({ err: error }, 'lessons could not be proposed; tried again'),
  });
}

/** One look at every repository that has lessons and is not paused. What one of them refuses does not hold up the others. */
export async function proposeAll(options: LessonProposalsOptions, signal: AbortSignal): Promise<void> {
  const { db, log } = options;
  const repositories = await db.repository.findMany({
    where: { paused: false, lessons: { some: {} } },
    select: { id: true, url: true, name: true },
    orderBy: { createdAt: 'asc' },
  });
  for (const repository of repositories) {
    if (signal.aborted) return;
    try {
      const published = await proposeLessons({ ...options, repository, signal });
      if (published) log.info({ repository: repository.name, url: published.url }, 'lessons proposed');
    } catch (error) {
      if (signal.aborted) return;
      if (!(error instanceof AppError)) throw error;
      const { code, message: reason } = describeError(error);
      log.info({ repository: repository.name, code, reason }, 'lessons are not proposed now');
    }
  }
}
