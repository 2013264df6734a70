import { fill } from '@orchestrator/shared/errors/app-error.ts';

/**
 * Everything that can be wrong in a task file: what happened, and what to do. docs/tasks.md lists the same codes; a test
 * compares the two. A task with a problem is left out; the others run.
 */
export const TASK_PROBLEMS = {
  FILE_ENCODING: ['The file is not UTF-8: {reason}.', 'Save it as UTF-8.'],
  FILE_TOO_LONG: ['The file has {characters} characters, more than {limit}.', 'Move finished tasks to another file.'],
  SECTION_TOO_LONG: [
    'What begins here is longer than {limit} characters, so nothing from here on was read.',
    'Close it, if it is a code block or a comment; else move material to a file named under "Related Documentation".',
  ],
  SECTION_TOO_DEEP: [
    'This line nests more than {limit} lists in each other, so nothing from here on was read.',
    'Write it with fewer levels.',
  ],
  SECTION_UNCLOSED: [
    'What begins here is not closed, so everything after it is part of it, "{swallowed}" included.',
    'Close it: ``` or ~~~ for code, --> for a comment, the closing tag for HTML.',
  ],
  TITLE_MISSING: ['The heading names no task.', 'Write "## Task: " and a title.'],
  ID_MISSING: ['Task "{title}" has no id.', 'Add the line <!-- TASK_ID: {suggestion} --> below its heading.'],
  ID_INVALID: [
    '"{id}" cannot be an id: {reason}.',
    'Use letters, digits, ".", "_" and "-", such as {suggestion}; a branch is named after it.',
  ],
  ID_DUPLICATE: ['The task on line {first} already has the id "{other}".', 'Give one of the two another TASK_ID.'],
  TITLE_REPEATED: [
    '"{title}" is listed on line {first} too, and neither entry has an id of its own.',
    'Add <!-- TASK_ID: ... --> to one of them, or remove it.',
  ],
  BODY_EMPTY: ['Task {id} says nothing beyond its title.', 'Describe what to do below its heading.'],
  TASK_TOO_LONG: [
    'The text of task {id} has {characters} characters, more than {limit}.',
    'Split the task, or move material to files that it names under "Related Documentation".',
  ],
  MARKER_UNKNOWN: ['{name} is no marker.', '{advice}'],
  MARKER_MALFORMED: ['"{marker}" is not written as a marker: {reason}.', 'Write <!-- {name}: value --> on one line.'],
  MARKER_REPEATED: ['{name} is given twice: "{first}" and "{second}".', 'Keep one of them.'],
  MARKER_MISPLACED: ['{name} is not read here: {reason}.', '{advice}'],
  PRIORITY_UNKNOWN: ['"{value}" is no priority.', '{advice}'],
  STATUS_UNKNOWN: ['"{value}" is no status.', '{advice}'],
  BUDGET_INVALID: ['"{value}" is no budget: {reason}.', 'Write an amount in dollars, such as 0.50.'],
  PATH_OUTSIDE: ['"{path}" is not a path inside the repository.', 'Name a file or folder relative to its root.'],
  DEPENDENCY_UNKNOWN: ['"{id}" depends on "{dependency}", which is not in this file.', '{advice}'],
  DEPENDENCY_SELF: ['"{id}" depends on itself.', 'Remove it from its own TASK_DEPENDS_ON.'],
  DEPENDENCY_CYCLE: [
    'These tasks wait for each other: {cycle}.',
    'Remove one of the dependencies; none of them can start first.',
  ],
} as const satisfies Record<string, readonly [message: string, fix: string]>;

export type TaskProblemCode = keyof typeof TASK_PROBLEMS;

/** One thing that is wrong, with its place. Lines and columns count from 1. */
export interface Problem {
  readonly code: TaskProblemCode;
  readonly file: string;
  readonly line: number;
  readonly column?: number;
  /** The id of the task that is left out for it, or its title where it has no id. */
  readonly task?: string;
  readonly message: string;
  readonly fix: string;
}

export interface Place {
  readonly line: number;
  readonly column?: number;
}

/** A problem before it is known in which file and task it is. */
export type Finding = Omit<Problem, 'file' | 'task'>;

export function finding(code: TaskProblemCode, { line, column }: Place, detail: Record<string, unknown> = {}): Finding {
  const [message, fix] = TASK_PROBLEMS[code];
  return {
    code,
    line,
    ...(column === undefined ? {} : { column }),
    message: fill(message, detail),
    fix: fill(fix, detail),
  };
}

/** docs/tasks.md:12:3: message fix */
export function formatProblem({ file, line, column, message, fix }: Problem): string {
  return `${file}:${line}${column === undefined ? '' : `:${column}`}: ${message} ${fix}`;
}
