import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createRepository, repositoryAt } from '../../git/test-repository.ts';
import { type Place, taskFile } from './tasks.ts';

/** The repository that is worked on. Its own records say what was done to it. */
export interface TargetRepository {
  readonly place: Place;
  /** Commits a task file with tasks 1 to `count`. */
  addTasks(count: number): void;
  /** What git wrote down about each branch of ours, by task: the commit after each update. */
  branchUpdates(): Map<string, string[]>;
}

/**
 * A test that takes milliseconds: one file a case, which passes if it says so. A shell does it, because the sandbox is
 * what is to be real here, and a toolchain in it would only be slow.
 */
const TEST = `set -eu
{
  echo '<testsuite name="cases">'
  failed=0
  for file in cases/*.txt; do
    name=$(basename "$file" .txt)
    if [ "$(cat "$file")" = ok ]; then echo "<testcase classname=\\"cases\\" name=\\"$name\\"/>"
    else failed=1; echo "<testcase classname=\\"cases\\" name=\\"$name\\"><failure message=\\"$file does not say ok\\"/></testcase>"
    fi
  done
  echo '</testsuite>'
} > report.xml
exit $failed
`;

const CONFIG = `budget:
  phases:
    - { name: chaos, limit: { total: "1000" }, every: 2s }
pipeline: { tasksPerTick: 12, maxErrors: 20 }
models:
  analyzer: { model: anthropic/claude-sonnet-5-5, timeout: 5s, maxInputTokens: 8000, maxOutputTokens: 1024 }
  coder: { model: openai/gpt-6-luna, timeout: 5s, maxInputTokens: 8000, maxOutputTokens: 1024 }
validate:
  prepare: []
  build: []
  test: ["sh test.sh"]
  reports: ["report.xml"]
publish: { maxOpen: 100000, maxPerHour: 100000 }
`;

/** `path`: a repository with a work tree, or for `github` the bare one that the platform shows, which people push to. */
export function createTargetRepository(place: Place, path: string): TargetRepository {
  const person = createRepository(place === 'folder' ? path : `${path}-person`);
  const git = place === 'folder' ? join(path, '.git') : path;
  if (place === 'github') {
    createRepository(path, ['--bare']);
    person.git('remote', 'add', 'origin', path);
  }
  repositoryAt(path).git('config', 'core.logAllRefUpdates', 'always');
  const share = () => {
    if (place === 'github') person.git('push', '--quiet', 'origin', 'main');
  };
  person.commit(
    {
      'orchestrator.yaml': CONFIG,
      'test.sh': TEST,
      'cases/first.txt': 'ok\n',
      'README.md': '# Cases\n\nEach file of the folder cases says ok.\n',
      '.gitignore': 'report.xml\n',
    },
    'Start',
  );
  share();
  const log = join(git, 'logs/refs/heads/ai');
  return {
    place,
    addTasks(count) {
      person.commit({ 'docs/PLUGIN-TASKS.md': taskFile(place, count) }, `Ask for ${count} cases`);
      share();
    },
    branchUpdates() {
      const names = existsSync(log) ? readdirSync(log) : [];
      return new Map(
        names.map((name) => {
          const lines = readFileSync(join(log, name), 'utf8').trim().split('\n');
          return [name, lines.map((line) => line.split(' ')[1] as string)];
        }),
      );
    },
  };
}
