import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CONFIG_FILE, type Repositories } from '@orchestrator/shared/boot/repositories.ts';
import type { Environment } from '@orchestrator/shared/config/environment.ts';
import { loadConfig } from '@orchestrator/shared/config/load.ts';
import type { Logger } from 'pino';
import type { NotifyRules } from '../channel.ts';

/** Where an event happened. */
export interface EventPlace {
  readonly repositoryUrl: string | null;
  /** Whose orchestrator.yaml counts. */
  readonly commit: string | null;
}

/** What is sent, and how, where an event happened. */
export type RulesOf = (place: EventPlace) => Promise<NotifyRules>;

const KEPT = 50;

/**
 * Reads notify.* of the repository at the run's base commit; of the operator's own file where an event belongs to no
 * repository, or its repository cannot be read now.
 */
export function createRulesOf({
  env,
  repositories,
  log,
}: {
  env: Environment;
  repositories: Repositories | null;
  log: Logger;
}): RulesOf {
  const known = new Map<string, Promise<NotifyRules>>();
  const read = async (url: string, commit: string): Promise<NotifyRules> => {
    try {
      if (repositories === null) return operatorRules(env);
      return (await repositories.config(await repositories.mirror(url), commit)).config.notify;
    } catch (error) {
      log.warn(
        { err: error, repository: url },
        'notify of the repository cannot be read; what the operator says about it counts',
      );
      return operatorRules(env);
    }
  };
  return ({ repositoryUrl, commit }) => {
    if (repositoryUrl === null || commit === null) return Promise.resolve(operatorRules(env));
    const place = `${repositoryUrl} ${commit}`;
    const found = known.get(place) ?? read(repositoryUrl, commit);
    known.set(place, found);
    for (const oldest of known.keys()) if (known.size > KEPT) known.delete(oldest);
    return found;
  };
}

function operatorRules(env: Environment): NotifyRules {
  const operatorFile = join(env.ORCHESTRATOR_HOME, CONFIG_FILE);
  const texts = { repoText: null, repoFile: CONFIG_FILE, operatorFile };
  try {
    return loadConfig({ ...texts, operatorText: existsSync(operatorFile) ? readFileSync(operatorFile, 'utf8') : null })
      .config.notify;
  } catch {
    // The command line and admission tell about a broken file; a notice is better sent than lost.
    return loadConfig({ ...texts, operatorText: null }).config.notify;
  }
}
