import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** The branches of a bare repository on disk: what a `git push` changes is what the server shows. */
export function gitRefs(gitDirectory: string) {
  const git = async (...args: string[]): Promise<string | null> => {
    try {
      return (await run('git', ['--git-dir', gitDirectory, ...args])).stdout.trim();
    } catch {
      return null;
    }
  };
  return {
    /** `ref` without `refs/`: heads/main. */
    read: (ref: string) => git('rev-parse', '--verify', '--quiet', `refs/${ref}^{commit}`),
    hasCommit: async (sha: string) => (await git('cat-file', '-t', sha)) === 'commit',
    write: async (ref: string, sha: string) => (await git('update-ref', `refs/${ref}`, sha)) !== null,
    remove: async (ref: string) => (await git('update-ref', '-d', `refs/${ref}`)) !== null,
    isAncestor: async (ancestor: string, sha: string) =>
      (await git('merge-base', '--is-ancestor', ancestor, sha)) !== null,
    /** Names and commits of the refs that begin with `prefix`. */
    async matching(prefix: string): Promise<{ ref: string; sha: string }[]> {
      const lines =
        (await git('for-each-ref', '--format=%(refname) %(objectname)', `refs/${prefix}*`, `refs/${prefix}/**`)) ?? '';
      const found = lines.split('\n').flatMap((line) => {
        const [ref, sha] = line.split(' ');
        return ref && sha ? [{ ref, sha }] : [];
      });
      return [...new Map(found.map((row) => [row.ref, row])).values()];
    },
    /** Commits of `head` that `base` has not, oldest first. */
    async commits(
      base: string,
      head: string,
    ): Promise<{ sha: string; message: string; author: string; email: string }[]> {
      const text = (await git('log', '--reverse', '--format=%H%x00%s%x00%an%x00%ae', `${base}..${head}`)) ?? '';
      return text.split('\n').flatMap((line) => {
        const [sha, message, author, email] = line.split('\0');
        return sha && message !== undefined && author !== undefined && email !== undefined
          ? [{ sha, message, author, email }]
          : [];
      });
    },
  };
}
export type GitRefs = ReturnType<typeof gitRefs>;
