import { services } from '@orchestrator/embedded/services.ts';
import type { Database } from '@orchestrator/shared/db/client.ts';
import { AppError } from '@orchestrator/shared/errors/app-error.ts';
import type { CommandContext } from './command.ts';
import { openTarget } from './target.ts';

/** The repository that is meant, and how its lessons fade. */
export async function lessonsOf(context: CommandContext, repo: string | undefined) {
  const target = await openTarget(context, repo);
  const { db } = await context.system();
  const { ensureRepository } = await services.scheduler();
  const { id: repositoryId } = await ensureRepository(db, target);
  return { db, repositoryId, halfLifeDays: target.loaded.config.lessons.halfLifeDays };
}

/** The lesson whose id begins so. Throws USAGE where none or several do. */
export async function lessonById(db: Database, repositoryId: string, id: string) {
  const rows = await db.lesson.findMany({ where: { repositoryId } });
  const found = rows.filter((row) => row.id.startsWith(id.toLowerCase()));
  const [only] = found;
  if (only !== undefined && found.length === 1) return only;
  const message = `${found.length === 0 ? 'No lesson has' : `${found.length} lessons have`} an id that begins with ${JSON.stringify(id)}; see: orchestrator lessons --all`;
  throw new AppError('USAGE', { message });
}
