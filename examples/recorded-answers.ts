import { execFile } from 'node:child_process';
import { cpSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { sink } from '../packages/shared/src/boot/logger.ts';
import type { ChangeSet } from '../packages/shared/src/contracts/change-set.ts';
import { Specification } from '../packages/shared/src/contracts/specification.ts';
import type { Mirror } from '../packages/shared/src/repo/mirror.ts';
import { openMirror } from '../packages/shared/src/repo/open-mirror.ts';
import { createRepository } from '../packages/testkit/src/git/test-repository.ts';
import { applyReply } from '../services/coder/src/apply-reply.ts';
import type { BaseFiles } from '../services/coder/src/guard/base-files.ts';

/** An example as a repository with one commit, and what the recorded answers do to it. */
export interface Example {
  readonly mirror: Mirror;
  readonly commit: string;
  readonly specification: (task: string) => Specification;
  /** The coder's answers in order, each on top of those before it that applied. Null: it did not apply. */
  readonly changeSets: (task: string) => Promise<readonly (ChangeSet | null)[]>;
  /** Runs a command on the base commit with the change set applied; `changed`: only such paths of it. */
  readonly run: (changeSet: ChangeSet | null, argv: readonly string[], changed?: (path: string) => boolean) => Promise<CommandEnd>;
}

export interface CommandEnd {
  readonly exitCode: number;
  readonly output: string;
}

export async function openExample(name: string, folder: string): Promise<Example> {
  const source = createRepository(join(folder, name));
  cpSync(join(import.meta.dirname, name), source.path, { recursive: true, filter: (path) => !/\/(?:node_modules|target)$/.test(path) });
  const commit = source.commit({});
  const mirror = await openMirror({ repo: source.path, home: join(folder, 'home'), log: sink().log });
  const answers = join(import.meta.dirname, `${name}.answers`);
  const tree = await mirror.listFiles(commit);
  const contents = await mirror.readFiles(commit, tree.map((file) => file.path));
  const base: BaseFiles = { commit, tree, content: (path) => contents.get(path) ?? null };
  let checkouts = 0;

  return {
    mirror,
    commit,
    specification: (task) => Specification.parse(JSON.parse(readFileSync(join(answers, task, 'analyzer-1.json'), 'utf8'))),
    changeSets: async (task) => {
      const files = readdirSync(join(answers, task)).filter((file) => /^coder-\d+\.md$/.test(file));
      const results: (ChangeSet | null)[] = [];
      for (const file of files.toSorted()) {
        const previous = results.findLast((result) => result !== null) ?? null;
        const result = applyReply({ reply: readFileSync(join(answers, task, file), 'utf8'), files: base, previous });
        results.push(result.ok ? result.changeSet : null);
      }
      return results;
    },
    run: async (changeSet, argv, changed = () => true) => {
      const dir = join(folder, `checkout-${++checkouts}`);
      const files = changeSet?.files.filter((file) => changed(file.path)) ?? [];
      const author = { authorName: 'Ada', authorEmail: 'ada@example.com', date: new Date(0), message: 'Change' };
      const head = changeSet ? await mirror.commitChangeSet({ ...changeSet, files }, author) : commit;
      await mirror.checkout(head, dir);
      return runCommand(dir, argv);
    },
  };
}

function runCommand(cwd: string, [command, ...args]: readonly string[]): Promise<CommandEnd> {
  // A test runner that finds itself inside another one reports to it instead of to us.
  const { NODE_TEST_CONTEXT: _, NODE_OPTIONS: __, ...inherited } = process.env;
  // Short runs of Java are faster without the optimising compiler.
  const env = { ...inherited, MAVEN_OPTS: '-XX:TieredStopAtLevel=1 -XX:+UseSerialGC' };
  return new Promise((resolve) => {
    execFile(command as string, args, { cwd, env, maxBuffer: 50_000_000 }, (error, stdout, stderr) => {
      resolve({ exitCode: error ? Number(error.code) || 1 : 0, output: `${stdout}${stderr}` });
    });
  });
}
