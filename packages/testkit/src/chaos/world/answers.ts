import { type Answer, type Ask, NoAnswer } from '../../scripts/script.ts';
import { type Course, courseOf } from './tasks.ts';
import type { ModelAnswer } from './vendor-records.ts';

/** Long enough that a process can die in the middle of a request. */
const LATENCY_MS = 60;

/** What a model answers: decided by the question alone, so that a question that is asked again gets the same answer. */
export function answerTo(ask: Ask): { record: ModelAnswer; answer: Answer } {
  const text = ask.messages.map((message) => message.content).join('\n');
  const task = /^Task id: (\S+)[ \t]*$/m.exec(text)?.[1];
  if (task === undefined) throw new NoAnswer('The question has no line "Task id: <TASK_ID>".');
  const ordinal = ask.messages.filter((message) => message.role === 'assistant').length + 1;
  const role = ask.schema ? 'analyzer' : 'coder';
  const reply = role === 'analyzer' ? specification(task) : change(task, courseOf(task), ordinal);
  return { record: { task, role, ordinal }, answer: { text: reply, latencyMs: LATENCY_MS } };
}

function specification(task: string): string {
  return JSON.stringify({
    summary: `The case ${task} is added.`,
    design: `cases/${task}.txt holds the word ok.`,
    filesToChange: [{ path: `cases/${task}.txt`, action: 'create', why: 'the case' }],
    filesToRead: [],
    tests: [{ path: `cases/${task}.txt`, covers: 'itself' }],
    criteria: [],
    risks: [],
  });
}

function change(task: string, course: Course, ordinal: number): string {
  const good = course === 'passes' || (course === 'is repaired' && ordinal > 1);
  return `The case.\n\n\`\`\`text cases/${task}.txt\n${good ? 'ok' : 'not ok'}\n\`\`\`\n`;
}
