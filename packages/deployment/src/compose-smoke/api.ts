import { z } from 'zod';
import { pause } from './command.ts';
import type { SmokeScene } from './scene.ts';

const Tasks = z.object({
  tasks: z.array(
    z.object({
      id: z.uuid(),
      task: z.string(),
      runState: z.string().nullable(),
      active: z.boolean(),
      wantsRun: z.boolean(),
    }),
  ),
});
const Runs = z.object({
  runs: z.array(
    z.object({
      run: z.uuid(),
      task: z.string(),
      state: z.string(),
      endMessage: z.string().nullable(),
      waiting: z.object({ reason: z.string(), code: z.string().nullable() }).nullable(),
    }),
  ),
});
const Detail = z.object({
  stages: z.array(z.object({ stage: z.string(), attempts: z.array(z.object({ worker: z.string() })) })),
});
const Repositories = z.object({ repositories: z.array(z.object({ id: z.uuid() })) });

export type TaskRow = z.infer<typeof Tasks>['tasks'][number];
export type RunRow = z.infer<typeof Runs>['runs'][number];

const PATIENCE_MS = 600_000;

/** What the smoke test asks of the scheduler's API. */
export function openApi({ apiUrl, apiToken }: Pick<SmokeScene, 'apiUrl' | 'apiToken'>) {
  const ask = async (path: string, method = 'GET'): Promise<unknown> => {
    const answer = await fetch(`${apiUrl}/api${path}`, { method, headers: { authorization: `Bearer ${apiToken}` } });
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
    return answer.json();
  };
  const tasks = async () => Tasks.parse(await ask('/tasks')).tasks;
  const runs = async () => Runs.parse(await ask('/runs')).runs;
  const tick = async () => {
    for (const { id } of Repositories.parse(await ask('/repositories')).repositories)
      await ask(`/repositories/${id}/tick`, 'POST');
  };
  return {
    tasks,
    runs,
    tick,
    retry: (id: string) => ask(`/tasks/${id}/retry`, 'POST'),
    /** Workers that took a stage of any run. */
    async workersOf(stages: readonly string[]): Promise<Set<string>> {
      const details = await Promise.all((await runs()).map(async ({ run }) => Detail.parse(await ask(`/runs/${run}`))));
      const rows = details.flatMap((detail) => detail.stages).filter(({ stage }) => stages.includes(stage));
      return new Set(rows.flatMap(({ attempts }) => attempts.map(({ worker }) => worker)));
    },
    /** Ticks until every task has been worked on and none is in work. */
    async untilSettled(say: (text: string) => void): Promise<void> {
      const end = Date.now() + PATIENCE_MS;
      for (let before = ''; ; await pause(2_000)) {
        const rows = await tasks();
        const now = rows.map(({ task, runState }) => `${task} ${runState ?? '-'}`).join(', ');
        if (now !== before) say(now || 'no task yet');
        before = now;
        if (rows.length > 0 && rows.every(({ active, wantsRun }) => !active && !wantsRun)) return;
        if (rows.some(({ wantsRun }) => wantsRun) && !rows.some(({ active }) => active)) await tick();
        if (Date.now() > end) throw new Error(`the tasks did not end in ${PATIENCE_MS / 1_000} s: ${now}`);
      }
    },
  };
}
export type Api = ReturnType<typeof openApi>;

/** What is wrong with who may see the queue dashboard; empty where nothing is. */
export async function dashboardProblems({ apiUrl, apiToken }: SmokeScene): Promise<string[]> {
  const statusWith = async (authorization?: string) =>
    (await fetch(`${apiUrl}/queues`, { redirect: 'manual', headers: authorization ? { authorization } : {} })).status;
  const [nobody, stranger, owner] = await Promise.all([
    statusWith(),
    statusWith('Bearer not-the-token-but-as-long'),
    statusWith(`Bearer ${apiToken}`),
  ]);
  return [
    ...(nobody === 401 ? [] : [`Bull Board answers ${nobody} without a token`]),
    ...(stranger === 401 ? [] : [`Bull Board answers ${stranger} with a wrong token`]),
    ...(owner === 200 ? [] : [`Bull Board answers ${owner} with the token`]),
  ];
}
