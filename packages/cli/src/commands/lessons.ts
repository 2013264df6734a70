import { LessonEvidence, LessonScope, MIN_WEIGHT, weightNow } from '@orchestrator/shared/lessons/lesson.ts';
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
    const now = new Date();
    const rows = await db.lesson.findMany({ where: { repositoryId }, orderBy: { createdAt: 'asc' } });
    const lessons = rows
      .map((row) => {
        const weight = weightNow(row, halfLifeDays, now);
        const expired = row.expiresAt !== null && row.expiresAt <= now;
        const state = row.disabled ? 'off' : expired ? 'expired' : weight < MIN_WEIGHT ? 'faded' : 'shown';
        const { id, text, source, confirmed, refuted, expiresAt } = row;
        const scope = LessonScope.catch({ paths: [] }).parse(row.scope);
        const evidence = LessonEvidence.array().catch([]).parse(row.evidence);
        return {
          id,
          text,
          source,
          state,
          weight: Number(weight.toFixed(3)),
          confirmed,
          refuted,
          scope,
          evidence,
          expiresAt,
        };
      })
      .filter(({ state }) => all || state === 'shown')
      .sort((a, b) => b.weight - a.weight);
    return {
      data: { lessons },
      render: (view) =>
        lessons.length === 0
          ? 'Nothing was learned yet.'
          : `${count(lessons.length, 'lesson')}\n\n${list(lessons, view)}`,
    };
  },
});

type Shown = {
  id: string;
  text: string;
  source: string;
  state: string;
  weight: number;
  confirmed: number;
  refuted: number;
};

const list = (lessons: readonly Shown[], view: View): string =>
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
