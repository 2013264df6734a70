import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '../errors/app-error.ts';
import type { PlatformToken } from '../repo/credential.ts';
import { type FarSide, farSide, firstListed, pushArguments, uploadPackFlags } from '../repo/far-side.ts';
import { GitFailure, git, gitText } from '../repo/git.ts';
import { identifyRepository, type RepositoryIdentity } from '../repo/identity.ts';
import { isRegular, listTree, readBlobs } from '../repo/tree.ts';

export interface StateBranchOptions {
  /** A git URL or a folder; one that is not absolute is below `cwd`. */
  readonly repo: string;
  readonly cwd?: string;
  readonly branch: string;
  /** ORCHESTRATOR_HOME: git objects are kept below it. */
  readonly home: string;
  readonly platform: PlatformToken | null;
}

/** What the branch held at one commit: text by path. */
export interface StateCommit {
  readonly commit: string;
  readonly files: ReadonlyMap<string, string>;
}

const NETWORK_TIMEOUT_MS = 60_000;
const FETCHED = 'refs/state/fetched';
const NEXT = 'refs/state/next';
const AUTHOR = {
  GIT_AUTHOR_NAME: 'AI Orchestrator',
  GIT_AUTHOR_EMAIL: 'ai-orchestrator@localhost',
  GIT_COMMITTER_NAME: 'AI Orchestrator',
  GIT_COMMITTER_EMAIL: 'ai-orchestrator@localhost',
};

/**
 * Files on a branch that is replaced as a whole: one commit without a parent, so that no history grows. A write names the
 * commit that it follows; of two writes that follow the same one, the server takes one.
 */
export class StateBranch {
  readonly branch: string;
  readonly url: string;
  readonly #gitDir: string;
  readonly #far: FarSide;

  constructor(identity: RepositoryIdentity, gitDir: string, { branch, platform }: StateBranchOptions) {
    this.branch = branch;
    this.url = identity.url;
    this.#gitDir = gitDir;
    this.#far = { gitDir, identity, platform };
  }

  /** The commit that the branch has now; null where there is no such branch. Throws REPO_UNREACHABLE. */
  async tip(): Promise<string | null> {
    return firstListed((await this.#reach('ls-remote', [], this.#ref)).stdout);
  }

  /** What the branch holds now; null where there is no such branch. Throws REPO_UNREACHABLE. */
  async read(): Promise<StateCommit | null> {
    for (;;) {
      const commit = await this.tip();
      if (commit === null) return null;
      const flags = ['--quiet', '--depth=1', '--no-tags', '--no-write-fetch-head', '--no-auto-maintenance'];
      await this.#reach('fetch', flags, `+${this.#ref}:${FETCHED}`);
      // It may have been replaced between the two looks.
      if ((await gitText(['rev-parse', FETCHED], { gitDir: this.#gitDir })) !== commit) continue;
      const tree = (await listTree(commit, { gitDir: this.#gitDir })).filter(isRegular);
      const blobs = await readBlobs(tree, { gitDir: this.#gitDir });
      return {
        commit,
        files: new Map(tree.map((file) => [file.path, blobs.get(file.sha)?.toString('utf8') ?? ''])),
      };
    }
  }

  /** Makes the commit that `write` would send. Paths have at most one folder. */
  async prepare(files: ReadonlyMap<string, string>, message: string, at: Date): Promise<string> {
    const gitDir = this.#gitDir;
    const scratch = await mkdtemp(join(gitDir, 'orchestrator-tmp-'));
    try {
      const paths = [...files.keys()].sort();
      for (const [index, path] of paths.entries())
        await writeFile(join(scratch, String(index)), files.get(path) as string);
      const input = `${paths.map((_, index) => join(scratch, String(index))).join('\n')}\n`;
      const ids = (await gitText(['hash-object', '-w', '--no-filters', '--stdin-paths'], { gitDir, input })).split(
        '\n',
      );
      const index = { gitDir, env: { GIT_INDEX_FILE: join(scratch, 'index') } };
      const entries = paths.map((path, i) => `100644 ${ids[i]}\t${path}\0`).join('');
      await git(['update-index', '-z', '--index-info'], { ...index, input: entries });
      const tree = await gitText(['write-tree'], index);
      const date = `@${Math.floor(at.getTime() / 1000)} +0000`;
      const env = { ...AUTHOR, GIT_AUTHOR_DATE: date, GIT_COMMITTER_DATE: date };
      const commit = await gitText(['commit-tree', tree, '-F', '-'], { gitDir, input: message, env });
      await git(['update-ref', NEXT, commit], { gitDir });
      return commit;
    } finally {
      await rm(scratch, { recursive: true, force: true });
    }
  }

  /**
   * Replaces what the branch holds, if it still is at `expected` (null: if it is not there). Returns whether it was taken;
   * an answer that got lost is looked for. Throws STATE_NOT_WRITTEN where the network or the server's rules are in the way.
   */
  async replace(commit: string, expected: string | null): Promise<boolean> {
    const args = pushArguments(this.#far.identity.source, this.branch, commit, expected);
    try {
      await this.#git(args);
    } catch (error) {
      if (!(error instanceof GitFailure)) throw error;
      const reason = error.reason;
      const now = await this.tip().catch(() => expected);
      if (now === commit) return this.#follow(commit);
      if (now !== expected) return false;
      throw new AppError('STATE_NOT_WRITTEN', { branch: this.branch, repo: this.url, reason }, { cause: error });
    }
    return this.#follow(commit);
  }

  get #ref(): string {
    return `refs/heads/${this.branch}`;
  }

  /** What the other side has needs no sending again. */
  async #follow(commit: string): Promise<true> {
    await git(['update-ref', FETCHED, commit], { gitDir: this.#gitDir });
    return true;
  }

  async #git(args: readonly string[]) {
    return git(args, { ...(await farSide(this.#far)), timeoutMs: NETWORK_TIMEOUT_MS });
  }

  async #reach(command: 'ls-remote' | 'fetch', flags: readonly string[], ref: string) {
    const { identity } = this.#far;
    return this.#git([command, ...flags, ...uploadPackFlags(identity), '--', identity.source, ref]).catch((error) => {
      if (!(error instanceof GitFailure)) throw error;
      throw new AppError('REPO_UNREACHABLE', { repo: this.url, reason: error.reason }, { cause: error });
    });
  }
}

/** Throws REPO_NOT_FOUND, TOOL_MISSING. */
export async function openStateBranch(options: StateBranchOptions): Promise<StateBranch> {
  const identity = await identifyRepository(options.repo, options.cwd);
  const gitDir = join(options.home, 'state', identity.mirrorName);
  await mkdir(gitDir, { recursive: true });
  await git(['init', '--quiet', '--bare', '--template=', '--initial-branch=orchestrator-none', gitDir], { cwd: '/' });
  return new StateBranch(identity, gitDir, options);
}
