import { MAX_WEIGHT } from '@orchestrator/shared/lessons/lesson.ts';
import { z } from 'zod';
import { defineCommand, REPO_OPTION } from '../command.ts';
import { lessonById, lessonsOf } from '../lessons-of.ts';

export default defineCommand({
  name: 'lessons edit',
  summary: 'correct a lesson, weigh it, or switch it off or on',
  arguments: [{ name: '<id>', description: 'id of the lesson, or how it begins' }],
  options: [
    REPO_OPTION,
    { flags: '--text <text>', description: 'say it in other words' },
    { flags: '--weight <number>', description: `from 0 to ${MAX_WEIGHT}` },
    { flags: '--off', description: 'never show it, and do not learn it again' },
    { flags: '--on', description: 'show it again' },
  ],
  input: z
    .object({
      id: z.string().min(4, 'must have at least 4 characters'),
      repo: z.string().optional(),
      text: z.string().trim().min(3).max(500).optional(),
      weight: z.coerce.number('must be a number').min(0).max(MAX_WEIGHT).optional(),
      off: z.boolean().optional(),
      on: z.boolean().optional(),
    })
    .refine(
      ({ text, weight, off, on }) => text !== undefined || weight !== undefined || off || on,
      'name what to change: --text, --weight, --off or --on',
    )
    .refine(({ off, on }) => !(off && on), 'choose one of --off and --on'),
  examples: [['orchestrator lessons edit 1a2b3c4d --off', 'it was wrong']],
  logs: 'query',
  async run(context, { id, repo, text, weight, off, on }) {
    const { db, repositoryId } = await lessonsOf(context, repo);
    const lesson = await lessonById(db, repositoryId, id);
    const changed = await db.lesson.update({
      where: { id: lesson.id },
      data: {
        ...(text === undefined ? {} : { text }),
        ...(weight === undefined ? {} : { weight, weighedAt: new Date() }),
        ...(off || on ? { disabled: off === true } : {}),
      },
    });
    return {
      data: { id: changed.id, text: changed.text, weight: changed.weight, disabled: changed.disabled },
      render: () => `Changed: ${changed.text}${changed.disabled ? ' (off)' : ''}`,
    };
  },
});
