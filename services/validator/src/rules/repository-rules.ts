import type { ConfigProblem } from '@orchestrator/shared/config/problem.ts';
import { problemLines } from '@orchestrator/shared/config/problem.ts';
import { AppError } from '@orchestrator/shared/errors/app-error.ts';
import type { Mirror } from '@orchestrator/shared/repo/mirror.ts';
import { checkRules, type ReadRule } from './check-rules.ts';
import { parseRule } from './parse-rule.ts';
import { REPOSITORY_PACK, type Rule } from './rule.ts';

/** Where a repository keeps its own rules, one a file. */
const RULE_FILE = /^\.orchestrator\/rules\/[^/]+\.ya?ml$/;
const MAX_RULES = 200;
const KEPT = 8;

/** Rules by the blobs they were read from: the same files are checked once a process. */
const known = new Map<string, Promise<readonly Rule[]>>();

/**
 * The rules of `.orchestrator/rules/` at the base commit. Throws RULES_INVALID that names every problem with file, line and
 * field.
 */
export async function repositoryRules(mirror: Mirror, commit: string, signal: AbortSignal): Promise<readonly Rule[]> {
  const files = (await mirror.listFiles(commit)).filter((file) => RULE_FILE.test(file.path)).slice(0, MAX_RULES);
  if (files.length === 0) return [];
  const key = files.map((file) => `${file.path} ${file.sha}`).join('\n');
  const before = known.get(key);
  if (before !== undefined) return before;
  const read = readRules(
    await mirror.readFiles(
      commit,
      files.map((file) => file.path),
    ),
    signal,
  );
  known.set(key, read);
  read.catch(() => known.delete(key));
  for (const oldest of known.keys()) if (known.size > KEPT) known.delete(oldest);
  return read;
}

async function readRules(contents: ReadonlyMap<string, Buffer>, signal: AbortSignal): Promise<readonly Rule[]> {
  const rules: ReadRule[] = [];
  const problems: ConfigProblem[] = [];
  for (const [file, content] of contents) {
    const { value, source, problems: found } = parseRule(content.toString('utf8'), file, REPOSITORY_PACK);
    problems.push(...found);
    if (value === null) continue;
    const twin = rules.find(({ rule }) => rule.id === value.id);
    if (twin !== undefined)
      problems.push({
        file,
        ...source.at(['id']),
        field: 'id',
        problem: `is the id of ${twin.file} too`,
        fix: 'Give each rule an id of its own.',
      });
    rules.push({ rule: value, source, file });
  }
  if (problems.length === 0) problems.push(...(await checkRules(rules, signal)));
  const [first] = problems;
  if (first !== undefined)
    throw new AppError(
      'RULES_INVALID',
      { file: `${first.file}:${first.line}`, field: first.field, problem: first.problem, problems },
      { message: problemLines(problems) },
    );
  return rules.map(({ rule }) => rule);
}
