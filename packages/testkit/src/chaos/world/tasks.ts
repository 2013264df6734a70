/** What becomes of a task, by its name: some changes pass, some after a repair, some never. */
export type Course = 'passes' | 'is repaired' | 'is rejected';

export function courseOf(task: string): Course {
  const number = Number(/\d+$/.exec(task)?.[0] ?? 0);
  if (number % 10 === 3) return 'is repaired';
  return number % 10 === 7 ? 'is rejected' : 'passes';
}

/** The state in which the run of a task has to end, whatever happens on the way. */
export const endOf = (task: string): 'in_review' | 'rejected' =>
  courseOf(task) === 'is rejected' ? 'rejected' : 'in_review';

/** Where the work of a task is published: as a branch in a folder, or as a pull request of a platform. */
export type Place = 'folder' | 'github';

export const taskName = (place: Place, number: number): string => `${place}_${String(number).padStart(5, '0')}`;

/** The task file with tasks 1 to `count`. */
export function taskFile(place: Place, count: number): string {
  const sections = Array.from({ length: count }, (_, index) => {
    const name = taskName(place, index + 1);
    return `## Task: Add the case ${name}\n<!-- TASK_ID: ${name} -->\n### Overview\nThe folder cases gets the file ${name}.txt with the word ok.\n`;
  });
  return `# Tasks\n\n${sections.join('\n')}`;
}
