import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Logger } from 'pino';
import type { Environment } from '../config/environment.ts';
import { type LoadedConfig, loadConfig } from '../config/load.ts';
import { AppError } from '../errors/app-error.ts';
import { githubAddress } from '../github/address.ts';
import { hasGitHub } from '../github/has-github.ts';
import type { PlatformToken } from '../repo/credential.ts';
import type { Mirror } from '../repo/mirror.ts';
import { openMirror } from '../repo/open-mirror.ts';

export const CONFIG_FILE = 'orchestrator.yaml';

/** The mirrors that this process has opened, and the configuration of each commit that was asked for. */
export interface Repositories {
  /** Opened once a process and address; a failure is not remembered. `repo`: a local path or a git URL. */
  mirror(repo: string, signal?: AbortSignal): Promise<Mirror>;
  /** orchestrator.yaml at a commit, with the operator's own file on top. Throws CONFIG_INVALID. */
  config(mirror: Mirror, commit: string): Promise<LoadedConfig>;
}

export function createRepositories(env: Environment, log: Logger): Repositories {
  const mirrors = new Map<string, Promise<Mirror>>();
  const platform = platformToken(env);
  return {
    mirror(repo, signal) {
      let opened = mirrors.get(repo);
      if (!opened) {
        opened = openMirror({ repo, home: env.ORCHESTRATOR_HOME, log, signal, platform });
        mirrors.set(repo, opened);
        opened.catch(() => mirrors.delete(repo));
      }
      return opened;
    },
    async config(mirror, commit) {
      const operatorFile = join(env.ORCHESTRATOR_HOME, CONFIG_FILE);
      const repoText = await mirror.readFile(commit, CONFIG_FILE, 1_000_000);
      return loadConfig({
        repoText: repoText?.toString('utf8') ?? null,
        repoFile: CONFIG_FILE,
        operatorText: existsSync(operatorFile) ? readFileSync(operatorFile, 'utf8') : null,
        operatorFile,
      });
    },
  };
}

/** Null where no platform is configured. */
export function platformToken(env: Environment): PlatformToken | null {
  if (!hasGitHub(env)) return null;
  const apiUrl = env.GITHUB_API_URL;
  return {
    apiUrl,
    async token(identity) {
      if (env.GITHUB_APP_ID === undefined && env.GITHUB_TOKEN !== undefined) return env.GITHUB_TOKEN;
      const at = githubAddress(identity, apiUrl);
      if (at === null) throw new AppError('GITHUB_NOT_FOUND', { repository: identity.url });
      // Loaded where it is used: the client takes megabytes.
      const { githubAccess } = await import('../github/access.ts');
      return githubAccess(env).token(at);
    },
  };
}
