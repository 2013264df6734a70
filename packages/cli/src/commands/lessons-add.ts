import { learn } from '@orchestrator/shared/lessons/learn.ts';
import { z } from 'zod';
import { defineCommand, REPO_OPTION } from '../command.ts';
import { lessonsOf } from '../lessons-of.ts';
import { actorOf } from '../run-of.ts';

export default defineCommand({
  name: 'lessons add',
  summary: 'teach a lesson yourself',
  arguments: [{ name: '<text>', description: 'what the models are to be told, at most 500 characters' }],
  options: [
    REPO_OPTION,
    { flags: '--module <module>', description: 'only for tasks of this module' },
    { flags: '--language <language>', description: 'only for tasks of this language' },
    { flags: '--path <path>', description: 'weighs more for changes below the folder of this path' },
  ],
  input: z.object({
    text: z.string().trim().min(3, 'must be a sentence').max(500, 'must be at most 500 characters'),
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
    const evidence = { what: `taught by ${actorOf()}`, at: new Date().toISOString() };
    const lesson = { repositoryId, source: 'person' as const, sameAs: text, text, scope, evidence };
    await db.$transaction((tx) => learn(tx, lesson, halfLifeDays));
    return { data: { text, scope }, render: () => 'Learned. It is shown with the next task that it fits.' };
  },
});
