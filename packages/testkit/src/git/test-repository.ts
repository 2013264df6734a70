import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** Content, or content with more: `link` makes a symbolic link. */
export type TestFile =
  | string
  | Buffer
  | { readonly content: string | Buffer; readonly mode: number }
  | { readonly link: string };

export interface TestRepository {
  readonly path: string;
  /** Runs git as a person would, in the work tree; gives its output without the final newline. */
  git(...args: string[]): string;
  /** Writes files, without adding them. */
  write(files: Readonly<Record<string, TestFile>>): void;
  /** Writes, adds and commits; gives the commit id. */
  commit(files: Readonly<Record<string, TestFile>>, message?: string): string;
}

const PERSON = {
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_AUTHOR_NAME: 'Ada',
  GIT_AUTHOR_EMAIL: 'ada@example.com',
  GIT_COMMITTER_NAME: 'Ada',
  GIT_COMMITTER_EMAIL: 'ada@example.com',
  GIT_AUTHOR_DATE: '2026-03-01T12:00:00Z',
  GIT_COMMITTER_DATE: '2026-03-01T12:00:00Z',
};

/** A folder below the system's temporary one; `remove` it afterwards. */
export function temporaryFolder(): { readonly path: string; readonly remove: () => void } {
  const path = mkdtempSync(join(tmpdir(), 'orchestrator-test-'));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

/** A new repository on branch main with nothing committed. `initArgs`: further arguments of git init. */
export function createRepository(path: string, initArgs: readonly string[] = []): TestRepository {
  mkdirSync(path, { recursive: true });
  execFileSync('git', ['init', '--quiet', '--initial-branch=main', ...initArgs, path], {
    env: { ...process.env, ...PERSON },
  });
  return repositoryAt(path);
}

/** An existing repository or worktree. */
export function repositoryAt(path: string): TestRepository {
  const git = (...args: string[]) =>
    execFileSync('git', args, {
      cwd: path,
      env: { ...process.env, ...PERSON },
      stdio: ['ignore', 'pipe', 'pipe'],
      maxBuffer: 256 * 1024 * 1024,
    })
      .toString('utf8')
      .replace(/\n$/, '');
  const write = (files: Readonly<Record<string, TestFile>>) => {
    for (const [name, file] of Object.entries(files)) writeFile(join(path, name), file);
  };
  const commit = (files: Readonly<Record<string, TestFile>>, message = 'Change') => {
    write(files);
    git('add', '--all');
    git('commit', '--quiet', '--allow-empty', '--message', message);
    return git('rev-parse', 'HEAD');
  };
  return { path, git, write, commit };
}

function writeFile(path: string, file: TestFile): void {
  mkdirSync(dirname(path), { recursive: true });
  if (typeof file === 'string' || Buffer.isBuffer(file)) writeFileSync(path, file);
  else if ('link' in file) symlinkSync(file.link, path);
  else {
    writeFileSync(path, file.content);
    chmodSync(path, file.mode);
  }
}
