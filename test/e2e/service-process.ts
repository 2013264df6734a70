import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '../..');

export type ServiceName = 'analyzer' | 'coder' | 'validator' | 'notifier' | 'scheduler';

export interface ServiceProcess {
  readonly child: ChildProcess;
  readonly output: () => string;
  /** Log lines so far. */
  readonly lines: () => Record<string, unknown>[];
  /** Asks the health server. */
  readonly ask: (path: '/healthz' | '/readyz' | '/metrics') => Promise<{ status: number; text: string }>;
  /** Resolves with the exit code; null after a signal. */
  readonly ended: Promise<number | null>;
}

/** A service as the full stack starts it, once it says that it has started. Rejects with its output where it does not. */
export async function startService(name: ServiceName, env: Record<string, string>): Promise<ServiceProcess> {
  const child = spawn(process.execPath, [join(ROOT, `services/${name}/src/main.ts`)], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      PATH: process.env.PATH ?? '',
      HOME: env.ORCHESTRATOR_HOME ?? '/tmp',
      ORCHESTRATOR_HEALTH_ADDRESS: '127.0.0.1:0',
      ORCHESTRATOR_API_ADDRESS: '127.0.0.1:0',
      ...env,
    },
  });
  let output = '';
  const ended = once(child, 'close').then(([code]) => code as number | null);
  const lines = () =>
    output.split('\n').flatMap((line) => (line.startsWith('{') && line.endsWith('}') ? [JSON.parse(line)] : []));
  const startedLine = () => lines().find(({ msg }) => msg === `${name} started`);
  await new Promise<void>((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr])
      stream?.on('data', (chunk: Buffer) => {
        output += chunk.toString();
        if (startedLine()) resolve();
      });
    ended.then((code) => reject(new Error(`${name} ended with ${code}:\n${output}`)));
  });
  const port = startedLine()?.healthPort;
  return {
    child,
    ended,
    lines,
    output: () => output,
    async ask(path) {
      const answer = await fetch(`http://127.0.0.1:${port}${path}`);
      return { status: answer.status, text: await answer.text() };
    },
  };
}
