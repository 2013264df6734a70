import { changeLesson } from '@orchestrator/shared/lessons/change.ts';
import { MAX_TEXT, MAX_WEIGHT } from '@orchestrator/shared/lessons/lesson.ts';
import { lessonRow } from '@orchestrator/shared/lessons/list.ts';
import { z } from 'zod';
import { defineCommand, REPO_OPTION } from '../command.ts';
import { lessonById, lessonsOf } from '../lessons-of.ts';
import { actorOf } from '../run-of.ts';

export default defineCommand({
  name: 'lessons edit',
  summary: 'correct a lesson, weigh it, or switch it off or on',
  arguments: [{ name: '<id>', description: 'id of the lesson, or how it begins' }],
  options: [
    REPO_OPTION,
    { flags: '--text <text>', description: 'say it in other words' },
    { flags: '--weight <number>', description: `from 0 to ${MAX_WEIGHT}` },
    { flags: '--expires <date>', description: 'a UTC day such as 2027-01-31 from which on it is not shown, or never' },
    { flags: '--off', description: 'never show it, and do not learn it again' },
    { flags: '--on', description: 'show it again' },
  ],
  input: z
    .object({
      id: z.string().min(4, 'must have at least 4 characters'),
      repo: z.string().optional(),
      text: z.string().trim().min(3).max(MAX_TEXT).optional(),
      weight: z.coerce.number('must be a number').min(0).max(MAX_WEIGHT).optional(),
      expires: z.union([z.iso.date(), z.literal('never')], 'must be a day such as 2027-01-31, or never').optional(),
      off: z.boolean().optional(),
      on: z.boolean().optional(),
    })
    .refine(
      ({ text, weight, expires, off, on }) => (text ?? weight ?? expires) !== undefined || off || on,
      'name what to change: --text, --weight, --expires, --off or --on',
    )
    .refine(({ off, on }) => !(off && on), 'choose one of --off and --on'),
  examples: [['orchestrator lessons edit 1a2b3c4d --off', 'it was wrong']],
  logs: 'query',
  async run(context, { id, repo, text, weight, expires, off, on }) {
    const { db, repositoryId } = await lessonsOf(context, repo);
    const lesson = await lessonById(db, repositoryId, id);
    const expiresAt = expires === undefined ? undefined : expires === 'never' ? null : new Date(expires);
    const change = { text, weight, expiresAt, off: off || on ? off === true : undefined };
    await changeLesson(db, lesson.id, change, { actor: actorOf() });
    const changed = await lessonRow(db, lesson.id);
    return {
      data: {
        id: changed.id,
        text: changed.text,
        weight: changed.weight,
        expiresAt: changed.expiresAt,
        disabled: changed.disabled,
      },
      render: () => `Changed: ${changed.text}${changed.disabled ? ' (off)' : ''}`,
    };
  },
});
