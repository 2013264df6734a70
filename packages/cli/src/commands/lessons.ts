import { type LessonView, listLessons } from '@orchestrator/shared/lessons/list.ts';
import { z } from 'zod';
import { defineCommand, REPO_OPTION } from '../command.ts';
import { lessonsOf } from '../lessons-of.ts';
import { table } from '../show/table.ts';
import { count, plainText } from '../show/words.ts';
import type { View } from '../terminal.ts';

export default defineCommand({
  name: 'lessons',
  summary: 'show what merges, edits, reviews and rejections taught',
  description:
    'Lessons that fit a task are shown to the models, heaviest first. A lesson grows when it is learned again or a change that was shown it is merged as it was, and fades with time and with changes that are rejected.',
  options: [
    REPO_OPTION,
    { flags: '--all', description: 'also those that weigh too little, have expired, or are switched off' },
  ],
  input: z.object({ repo: z.string().optional(), all: z.boolean().optional() }),
  examples: [
    ['orchestrator lessons', 'what the models are told now'],
    ['orchestrator lessons --all', 'also what faded or was switched off'],
  ],
  logs: 'query',
  async run(context, { repo, all = false }) {
    const { db, repositoryId, halfLifeDays } = await lessonsOf(context, repo);
    const known = await listLessons(db, repositoryId, halfLifeDays);
    const lessons = known.filter(({ state }) => all || state === 'shown');
    return {
      data: { lessons },
      render: (view) =>
        lessons.length === 0
          ? 'Nothing was learned yet.'
          : `${count(lessons.length, 'lesson')}\n\n${list(lessons, view)}`,
    };
  },
});

const list = (lessons: readonly LessonView[], view: View): string =>
  table(
    [
      { title: 'Id' },
      { title: 'Weight', align: 'right' },
      { title: 'From', droppable: true },
      { title: 'For/against', droppable: true },
      { title: 'State', droppable: true },
      { title: 'Lesson', flexible: true },
    ],
    lessons.map(({ id, weight, source, confirmed, refuted, state, text }) => [
      id.slice(0, 8),
      weight.toFixed(2),
      source,
      `${confirmed}/${refuted}`,
      state,
      plainText(text).replace(/\s+/g, ' '),
    ]),
    view,
  );
