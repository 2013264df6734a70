import { shownTo, viewOf } from '@orchestrator/shared/lessons/list.ts';
import { z } from 'zod';
import { defineCommand, REPO_OPTION } from '../command.ts';
import { lessonById, lessonsOf } from '../lessons-of.ts';
import { block, instant, plainText } from '../show/words.ts';

export default defineCommand({
  name: 'lessons show',
  summary: 'show a lesson with what it was learned from and which runs were shown it',
  arguments: [{ name: '<id>', description: 'id of the lesson, or how it begins' }],
  options: [REPO_OPTION],
  input: z.object({ id: z.string().min(4, 'must have at least 4 characters'), repo: z.string().optional() }),
  examples: [['orchestrator lessons show 1a2b3c4d', 'why it is believed']],
  logs: 'query',
  async run(context, { id, repo }) {
    const { db, repositoryId, halfLifeDays } = await lessonsOf(context, repo);
    const row = await lessonById(db, repositoryId, id);
    const lesson = viewOf(row, halfLifeDays, new Date());
    const runs = await shownTo(db, row.id);
    return {
      data: { lesson, runs },
      render() {
        const { scope, evidence, expiresAt } = lesson;
        const where = [scope.module, scope.language, ...scope.paths].filter(Boolean).join(', ') || 'everywhere';
        const facts = [
          `${lesson.state}, weighs ${lesson.weight.toFixed(2)}, ${lesson.confirmed} for it and ${lesson.refuted} against`,
          `holds ${where}${expiresAt === null ? '' : `, until ${instant(expiresAt)}`}`,
        ].join('\n');
        const learned = evidence.map(({ at, what, taskKey, pullRequest }) =>
          plainText([at.slice(0, 10), what, taskKey, pullRequest].filter(Boolean).join('  ')),
        );
        const shown = runs.map(({ shownAt, task, state, url }) =>
          plainText([instant(shownAt), task, state, url].filter(Boolean).join('  ')),
        );
        return [
          plainText(lesson.text),
          facts,
          ...(learned.length > 0 ? [block(`Learned from (${lesson.source})`, learned.join('\n'))] : []),
          ...(shown.length > 0 ? [block('Shown to', shown.join('\n'))] : []),
        ].join('\n\n');
      },
    };
  },
});
