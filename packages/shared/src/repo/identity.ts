import { createHash } from 'node:crypto';
import { realpath, stat } from 'node:fs/promises';
import { basename, dirname, isAbsolute, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { AppError } from '../errors/app-error.ts';
import { GitFailure, git } from './git.ts';

/** Where a repository is, and what it is called. */
export interface RepositoryIdentity {
  readonly kind: 'local' | 'remote';
  /** An absolute path or a URL, without credentials. */
  readonly url: string;
  /** The last part of the address without `.git`. */
  readonly name: string;
  /** What git fetches from: of a checkout or worktree, the git directory that all its worktrees share. */
  readonly source: string;
  /** User and password that stood in the URL. A secret: only for the credential helper. */
  readonly credential: { readonly username: string; readonly password: string } | null;
  /** Name of the folder below ORCHESTRATOR_HOME/mirrors. */
  readonly mirrorName: string;
}

/** Reads an address as users write it: a folder, a file: URL, a URL, or host:path. Throws REPO_NOT_FOUND. */
export async function identifyRepository(repo: string, cwd = process.cwd()): Promise<RepositoryIdentity> {
  if (/[\0\r\n]/.test(repo) || repo === '') throw new AppError('REPO_NOT_FOUND', { repo: JSON.stringify(repo) });
  const path = repo.startsWith('file://') ? fileURLToPath(repo) : repo;
  if (path === repo && isRemote(repo) && !(await exists(resolve(cwd, repo)))) return identifyRemote(repo);
  return identifyLocal(isAbsolute(path) ? path : resolve(cwd, path));
}

/** A scheme, a remote helper (name::address), or scp's host:path. A Windows drive letter is none of these. */
function isRemote(repo: string): boolean {
  return (
    /^[A-Za-z][A-Za-z0-9+.-]*:\/\//.test(repo) || /^[A-Za-z0-9+.-]+::/.test(repo) || /^[^/:\s]{2,}:[^\\]/.test(repo)
  );
}

function identifyRemote(repo: string): RepositoryIdentity {
  const parsed = repo.includes('://') ? URL.parse(repo) : null;
  const credential =
    parsed?.protocol.startsWith('http') && (parsed.username || parsed.password)
      ? { username: decodeURIComponent(parsed.username), password: decodeURIComponent(parsed.password) }
      : null;
  if (parsed) {
    parsed.password = '';
    if (credential) parsed.username = '';
    parsed.hash = '';
  }
  const url = (parsed?.href ?? repo).replace(/\/+$/, '');
  return named({ kind: 'remote', url, source: url, credential });
}

async function identifyLocal(path: string): Promise<RepositoryIdentity> {
  const notFound = () => new AppError('REPO_NOT_FOUND', { repo: path });
  const url = await realpath(path).catch(() => null);
  if (url === null || !(await stat(url)).isDirectory()) throw notFound();
  // Only this folder counts: a folder inside some other checkout is not taken for that checkout.
  const env = { GIT_CEILING_DIRECTORIES: dirname(url) };
  try {
    const { stdout } = await git(['rev-parse', '--git-common-dir'], { cwd: url, env });
    return named({
      kind: 'local',
      url,
      source: await realpath(resolve(url, stdout.toString('utf8').replace(/\n$/, ''))),
      credential: null,
    });
  } catch (error) {
    if (error instanceof GitFailure) throw notFound();
    throw error;
  }
}

function named(identity: Omit<RepositoryIdentity, 'name' | 'mirrorName'>): RepositoryIdentity {
  const hash = createHash('sha256').update(identity.source).digest('hex').slice(0, 12);
  const folder = nameOf(identity.source.replace(/\/\.git$/, ''))
    .replace(/[^A-Za-z0-9._-]/g, '-')
    .replace(/^[.-]+/, '');
  return { ...identity, name: nameOf(identity.url), mirrorName: `${folder.slice(0, 60) || 'repository'}-${hash}.git` };
}

/** The last part of an address. */
function nameOf(address: string): string {
  const last = basename(address.replace(/[?#].*$/, '').replace(/:/g, '/'));
  return last.replace(/\.git$/, '') || 'repository';
}

const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );
