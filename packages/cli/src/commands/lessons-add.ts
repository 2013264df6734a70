import { addLesson } from '@orchestrator/shared/lessons/change.ts';
import { MAX_TEXT } from '@orchestrator/shared/lessons/lesson.ts';
import { z } from 'zod';
import { defineCommand, REPO_OPTION } from '../command.ts';
import { lessonsOf } from '../lessons-of.ts';
import { actorOf } from '../run-of.ts';

export default defineCommand({
  name: 'lessons add',
  summary: 'teach a lesson yourself',
  arguments: [{ name: '<text>', description: `what the models are to be told, at most ${MAX_TEXT} characters` }],
  options: [
    REPO_OPTION,
    { flags: '--module <module>', description: 'only for tasks of this module' },
    { flags: '--language <language>', description: 'only for tasks of this language' },
    { flags: '--path <path>', description: 'weighs more for changes below the folder of this path' },
  ],
  input: z.object({
    text: z.string().trim().min(3, 'must be a sentence').max(MAX_TEXT, `must be at most ${MAX_TEXT} characters`),
    repo: z.string().optional(),
    module: z.string().optional(),
    language: z.string().optional(),
    path: z.string().optional(),
  }),
  examples: [
    ['orchestrator lessons add "Use the logger, never console." --language typescript', 'for every TypeScript task'],
  ],
  logs: 'query',
  async run(context, { text, repo, module, language, path }) {
    const { db, repositoryId, halfLifeDays } = await lessonsOf(context, repo);
    const scope = {
      ...(module ? { module } : {}),
      ...(language ? { language } : {}),
      paths: path === undefined ? [] : [path],
    };
    const id = await addLesson(db, { repositoryId, text, scope }, halfLifeDays, { actor: actorOf() });
    return { data: { id, text, scope }, render: () => 'Learned. It is shown with the next task that it fits.' };
  },
});
