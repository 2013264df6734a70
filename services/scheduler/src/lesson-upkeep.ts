import type { OrchestratorConfig } from '@orchestrator/shared/config/schema.ts';
import type { Database } from '@orchestrator/shared/db/client.ts';
import { LESSONS_FILE } from '@orchestrator/shared/lessons/file/format.ts';
import { takeOverEdits } from '@orchestrator/shared/lessons/file/sync.ts';
import { rememberHalfLife } from '@orchestrator/shared/lessons/rules.ts';
import type { Mirror } from '@orchestrator/shared/repo/mirror.ts';
import type { Logger } from 'pino';
import { learnPatterns } from './pull-requests/learn-patterns.ts';

export interface LessonUpkeep {
  readonly db: Database;
  readonly repository: { readonly id: string; readonly name: string };
  readonly mirror: Pick<Mirror, 'readFile'>;
  /** Head of the branch that is built on. */
  readonly commit: string;
  readonly config: Pick<OrchestratorConfig, 'lessons'>;
  readonly log: Logger;
}

const LOOK_EVERY_MINUTES = 60;
const MAX_FILE_BYTES = 1_000_000;

/** What is learned without any pull request that ended: from the lessons file, and from findings that come back. */
export async function keepLessons({ db, repository, mirror, commit, config, log }: LessonUpkeep): Promise<void> {
  const { halfLifeDays, file } = config.lessons;
  await rememberHalfLife(db, repository.id, halfLifeDays);
  if (file === 'pull-request') {
    const text = await mirror.readFile(commit, LESSONS_FILE, MAX_FILE_BYTES);
    const edits = await takeOverEdits(db, repository.id, text?.toString('utf8') ?? null, halfLifeDays);
    if (edits !== null) {
      const { added, changed, retired } = edits;
      const counts = { added: added.length, changed: changed.length, retired: retired.length };
      log.info({ repository: repository.name, ...counts }, `lessons taken over from ${LESSONS_FILE}`);
    }
  }
  if (await isDue(db, repository.id)) await learnPatterns(db, repository.id, halfLifeDays);
}

/** Several processes may ask at once; one of them looks. */
async function isDue(db: Database, repositoryId: string): Promise<boolean> {
  const taken = await db.$executeRaw`
    INSERT INTO setting (key, value) VALUES (${`lessons.lookedAt:${repositoryId}`}, to_jsonb(now()))
    ON CONFLICT (key) DO UPDATE SET value = excluded.value
    WHERE (setting.value #>> '{}')::timestamptz < now() - ${LOOK_EVERY_MINUTES} * interval '1 minute'`;
  return taken > 0;
}
