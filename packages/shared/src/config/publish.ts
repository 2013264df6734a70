import { z } from 'zod';

/** How changes reach people: `publish` of orchestrator.yaml. */
export const Publish = z.strictObject({
  branchPrefix: z
    .string()
    .regex(/^[A-Za-z0-9._-]+\/$/, 'must end with a slash, such as ai/')
    .default('ai/')
    .describe('Branches are named by this and the id of the task.'),
  authorName: z.string().min(1).default('AI Orchestrator').describe('Author of the commits.'),
  authorEmail: z.string().min(1).default('ai-orchestrator@localhost').describe('Address of the author.'),
  draft: z.boolean().default(false).describe('Pull requests are opened as drafts.'),
  labels: z.array(z.string().min(1).max(50)).default([]).describe('Labels that a new pull request gets.'),
  reviewers: z
    .array(z.string().min(1))
    .default([])
    .describe('Who is asked to review a new pull request: user names, or `team:<slug>`.'),
  maxOpen: z.number().int().min(1).default(10).describe('Our pull requests that may be open at once.'),
  maxPerHour: z.number().int().min(1).default(2).describe('New pull requests in an hour.'),
  rebuildLabel: z
    .string()
    .min(1)
    .max(50)
    .default('ai: rebuild')
    .describe('A person who gives a pull request this label lets us replace commits of others on its branch.'),
  followReviews: z
    .boolean()
    .default(true)
    .describe('Comments and change requests of people who may write begin another round, within `pipeline.maxRounds`.'),
  followChecks: z.boolean().default(true).describe('Checks of the pull request that fail begin another round as well.'),
  rebuildOnConflict: z
    .boolean()
    .default(true)
    .describe('A change that no longer fits its base is made anew on the present one.'),
  closeSuperseded: z
    .boolean()
    .default(true)
    .describe(
      'Pull requests that nobody has touched are closed, with a comment, once their task is gone, another one replaced them, or the branch that they are for holds the change already.',
    ),
  ignoredAfterDays: z
    .number()
    .int()
    .min(1)
    .max(3_650)
    .default(30)
    .describe('A pull request that no person reacts to for so long counts as ignored. It stays open.'),
});

/** `dashboard` of orchestrator.yaml. */
export const Dashboard = z.strictObject({
  issue: z
    .boolean()
    .default(false)
    .describe('An issue on GitHub that lists the tasks, with boxes to retry, approve and skip them.'),
  title: z.string().min(1).max(200).default('AI Orchestrator').describe('Its title.'),
});
