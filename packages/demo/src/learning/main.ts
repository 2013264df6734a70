import { parseArgs } from 'node:util';
import { runArm } from './arm.ts';

/**
 * Does learning help? The same stream of tasks through the whole system, with scripted models that err in every second task
 * unless the lesson is in the prompt, and a reviewer who says why he closes: without lessons, with them, and begun with a wrong one.
 * Nothing is left to chance: the figures are the same on every machine. Options: --tasks N (default 12), --json.
 */
const { values } = parseArgs({
  options: { tasks: { type: 'string', default: '12' }, json: { type: 'boolean', default: false } },
});
const tasks = Number(values.tasks);
if (!Number.isInteger(tasks) || tasks < 2) throw new Error('--tasks must be a whole number from 2 on');
const say = (text: string) => void process.stderr.write(`${text}\n`);

const without = await runArm({ name: 'without lessons', tasks, lessonTokens: 0, misled: false }, say);
const withLessons = await runArm({ name: 'with lessons', tasks, lessonTokens: 600, misled: false }, say);
const misled = await runArm({ name: 'with a wrong lesson', tasks, lessonTokens: 600, misled: true }, say);
if (!values.json) {
  for (const { arm, merged, mergeRate, perMergedNanoUsd, history } of [without, withLessons, misled]) {
    const cost =
      perMergedNanoUsd === null
        ? 'nothing merged'
        : `$${(Number(perMergedNanoUsd) / 1e9).toFixed(4)} per merged change`;
    say(`${arm.padEnd(20)} ${merged} of ${tasks} merged (${(mergeRate * 100).toFixed(0)} %), ${cost}, ${history}`);
  }
}
process.stdout.write(`${JSON.stringify({ without, withLessons, misled })}\n`);
// The wrong lesson has to have faded, and what was learned has to help.
const fine =
  withLessons.mergeRate > without.mergeRate && (misled.wrongWeight ?? 1) < 0.2 && misled.merged > without.merged;
process.exit(fine ? 0 : 1);
