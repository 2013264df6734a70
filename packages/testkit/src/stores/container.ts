import type { StartedTestContainer } from 'testcontainers';

export interface ContainerOptions {
  readonly image: string;
  readonly port: number;
  readonly command: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** A line of its output that says that it can be used. */
  readonly ready: RegExp;
}

export interface Container {
  readonly host: string;
  readonly port: number;
  stop(): Promise<void>;
}

/** A container that does not come up is no reason to wait for minutes. */
const START_MS = 60_000;

/** Starts a container, or says why it could not: no engine answers, or the image is not to be had. */
export async function startContainer(options: ContainerOptions): Promise<Container | { readonly reason: string }> {
  // What it starts is stopped by who asked for it. Its own cleaner would be one more image to fetch.
  process.env.TESTCONTAINERS_RYUK_DISABLED ??= 'true';
  try {
    const { GenericContainer, Wait } = await import('testcontainers');
    const container: StartedTestContainer = await new GenericContainer(options.image)
      .withExposedPorts(options.port)
      .withCommand([...options.command])
      .withEnvironment({ ...options.env })
      .withWaitStrategy(Wait.forLogMessage(options.ready))
      .withStartupTimeout(START_MS)
      .start();
    return {
      host: container.getHost(),
      port: container.getMappedPort(options.port),
      stop: async () => void (await container.stop({ timeout: 5_000 })),
    };
  } catch (error) {
    return { reason: error instanceof Error ? (error.message.split('\n')[0] ?? error.name) : String(error) };
  }
}
