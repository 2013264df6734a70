import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Answer, type Ask, NoAnswer, type Script } from './script.ts';

/**
 * Answers from a folder: `<dir>/<task id>/analyzer-1.json`, `<dir>/<task id>/coder-1.md`, `coder-2.md`, ...
 *
 * Which file is decided from the question alone, so a restart of the asker or of the server, and a question asked
 * twice, get the same answer: the task from a line `Task id: <TASK_ID>`, the role from whether the answer has to follow
 * a schema (analyzer) or not (coder), the ordinal from the answers that the question already holds. Asked more often
 * than there are files, the last one is repeated.
 */
export function recordedAnswers(dir: string, pace: Pick<Answer, 'latencyMs' | 'chunkDelayMs'> = {}): Script {
  return async (ask) => {
    const role = ask.schema ? 'analyzer' : 'coder';
    const ordinal = ask.messages.filter((message) => message.role === 'assistant').length + 1;
    const tasks = tasksOf(ask);
    if (tasks.length === 0) throw new NoAnswer('The question has no line "Task id: <TASK_ID>".');
    // A repository may hold such lines too: the first task that is known counts.
    for (const task of tasks) {
      const files = await answersOf(dir, task, role);
      const file = files[Math.min(ordinal, files.length) - 1];
      if (file) return { ...pace, text: await readFile(join(dir, task, file), 'utf8') };
    }
    throw new NoAnswer(`No recorded answer of the ${role} for task ${tasks[0]} in ${dir}.`);
  };
}

/** The tasks that a question names, in order. */
function tasksOf(ask: Ask): string[] {
  const text = [...ask.messages.map((message) => message.content), ask.system].join('\n');
  const ids = [...text.matchAll(/^Task id: ([A-Za-z0-9._-]+)[ \t]*$/gm)].map((match) => match[1] as string);
  // A name of dots only would lead out of the folder.
  return [...new Set(ids)].filter((id) => !/^\.+$/.test(id));
}

/** The files of a role in the order of their numbers. */
async function answersOf(dir: string, task: string, role: string): Promise<string[]> {
  const names = await readdir(join(dir, task)).catch(() => []);
  const number = (name: string) => Number(new RegExp(`^${role}-(\\d+)\\.\\w+$`).exec(name)?.[1] ?? 0);
  return names.filter((name) => number(name) > 0).sort((a, b) => number(a) - number(b));
}
