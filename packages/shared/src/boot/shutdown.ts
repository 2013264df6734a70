import type { Logger } from 'pino';
import type { Component } from './resources.ts';

/** Starts components in order. When one fails, those that started are stopped again and the error is thrown. */
export async function startAll(components: readonly Component[], log: Logger): Promise<void> {
  const started: Component[] = [];
  try {
    for (const component of components) {
      await component.start();
      started.push(component);
    }
  } catch (error) {
    await stopAll(started, log);
    throw error;
  }
}

/** Stops components in reverse order; one that fails does not keep the others from stopping. */
export async function stopAll(components: readonly Component[], log: Logger): Promise<void> {
  for (const component of components.toReversed()) {
    await component
      .stop()
      .catch((error: unknown) =>
        log.error({ err: error, component: component.name }, 'component did not stop cleanly'),
      );
  }
}

/** Resolves at the first SIGTERM or SIGINT. A second one ends the process at once: Postgres and the sweeper clean up. */
export function untilSignal(log: Logger): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    let first = true;
    const onSignal = (signal: NodeJS.Signals) => {
      if (!first) process.exit(128 + (signal === 'SIGINT' ? 2 : 15));
      first = false;
      log.info({ signal }, 'stopping: work in progress may end; a second signal ends at once');
      resolve(signal);
    };
    process.on('SIGTERM', onSignal);
    process.on('SIGINT', onSignal);
  });
}
