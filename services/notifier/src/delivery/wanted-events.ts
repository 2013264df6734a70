import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CONFIG_FILE, type Repositories } from '@orchestrator/shared/boot/repositories.ts';
import type { Environment } from '@orchestrator/shared/config/environment.ts';
import { loadConfig } from '@orchestrator/shared/config/load.ts';
import type { Logger } from 'pino';
import type { FreshEvent } from './fan-out.ts';

/** Which types of events are sent where this one happened: notify.events of its repository and of the operator. */
export type WantedEvents = (event: Pick<FreshEvent, 'repositoryUrl' | 'commit'>) => Promise<readonly string[]>;

const KEPT = 50;

/**
 * Reads notify.events of the repository at the run's base commit; of the operator's own file where an event belongs to
 * no repository, or its repository cannot be read now.
 */
export function createWantedEvents({
  env,
  repositories,
  log,
}: {
  env: Environment;
  repositories: Repositories | null;
  log: Logger;
}): WantedEvents {
  const known = new Map<string, Promise<readonly string[]>>();
  const read = async (url: string, commit: string): Promise<readonly string[]> => {
    try {
      if (repositories === null) return operatorEvents(env);
      return (await repositories.config(await repositories.mirror(url), commit)).config.notify.events;
    } catch (error) {
      log.warn(
        { err: error, repository: url },
        'notify.events of the repository cannot be read; those of the operator count',
      );
      return operatorEvents(env);
    }
  };
  return ({ repositoryUrl, commit }) => {
    if (repositoryUrl === null || commit === null) return Promise.resolve(operatorEvents(env));
    const place = `${repositoryUrl} ${commit}`;
    const found = known.get(place) ?? read(repositoryUrl, commit);
    known.set(place, found);
    for (const oldest of known.keys()) if (known.size > KEPT) known.delete(oldest);
    return found;
  };
}

function operatorEvents(env: Environment): readonly string[] {
  const operatorFile = join(env.ORCHESTRATOR_HOME, CONFIG_FILE);
  const texts = { repoText: null, repoFile: CONFIG_FILE, operatorFile };
  try {
    return loadConfig({ ...texts, operatorText: existsSync(operatorFile) ? readFileSync(operatorFile, 'utf8') : null })
      .config.notify.events;
  } catch {
    // The command line and admission tell about a broken file; a notice is better sent than lost.
    return loadConfig({ ...texts, operatorText: null }).config.notify.events;
  }
}
