import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readEnvironment } from '../../packages/shared/src/config/environment.ts';
import { startAnthropicServer } from '../../packages/testkit/src/anthropic/server.ts';
import { createRepository } from '../../packages/testkit/src/git/test-repository.ts';
import { startOpenAiServer } from '../../packages/testkit/src/openai/server.ts';
import type { Script } from '../../packages/testkit/src/scripts/script.ts';
import { watch } from './leave-nothing.ts';

/** A small repository with `count` tasks, and models that answer at once with a change that adds one file. */
export async function openBenchMachine(count: number) {
  const folder = mkdtempSync(join(tmpdir(), 'bench-'));
  const tasks = Array.from(
    { length: count },
    (_, i) =>
      `## Task: Add number ${i}\n<!-- TASK_ID: add_${i} -->\n### Overview\nAdd the file.\n### Success Criteria\n- It is there.\n`,
  );
  const repository = createRepository(join(folder, 'repository'));
  repository.commit({
    'package.json': '{ "name": "bench", "type": "module", "scripts": { "test": "node --test" } }\n',
    'index.js': 'export const one = 1;\n',
    'docs/PLUGIN-TASKS.md': `# Tasks\n${tasks.join('')}`,
    'orchestrator.yaml': `pipeline: { tasksPerTick: ${Math.max(1, count)} }\nbudget:\n  phases:\n    - { name: bench, limit: { total: "100000" } }\n`,
  });
  const script: Script = async (ask) => {
    const id = /^Task id: (\S+)$/m.exec(ask.messages.map((message) => message.content).join('\n'))?.[1] ?? 'none';
    return {
      text: ask.schema
        ? JSON.stringify(specificationOf(id))
        : `Added.\n\n*** Begin Patch\n*** Add File: src/${id}.js\n+export const id = '${id}';\n*** End Patch\n`,
    };
  };
  const anthropic = await startAnthropicServer({ script });
  const openai = await startOpenAiServer({ script });
  const variables = {
    ORCHESTRATOR_HOME: join(folder, 'home'),
    ANTHROPIC_BASE_URL: anthropic.url,
    OPENAI_BASE_URL: openai.url,
    ANTHROPIC_API_KEY: 'bench-key-of-the-local-server',
    OPENAI_API_KEY: 'bench-key-of-the-local-server',
    ORCHESTRATOR_LOG_LEVEL: 'warn',
  };
  return {
    folder,
    repository: repository.path,
    variables,
    env: readEnvironment(variables, process.cwd()),
    async close() {
      await Promise.all([anthropic.close(), openai.close()]);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

const specificationOf = (id: string) => ({
  summary: `Add ${id}.`,
  design: 'One file.',
  filesToChange: [{ path: `src/${id}.js`, action: 'create', why: 'the file' }],
  filesToRead: [],
  tests: [],
  criteria: [{ criterion: 'It is there.', shownBy: 'reading it' }],
  risks: [],
});

/** A process's share of the memory that it has, in MB: what it has in common with others is divided. Linux only. */
export function shareMb(pid: number): number {
  const kb = Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1]);
  return Math.round(kb / 1024);
}

/** Starts a TypeScript program and collects the JSON lines that it prints. */
export function startProgram(file: string, env: Record<string, string>, args: readonly string[] = []) {
  const child = spawn(process.execPath, [file, ...args], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { PATH: process.env.PATH ?? '', HOME: process.env.HOME ?? '/', ...env },
  });
  watch(child);
  const lines: Record<string, unknown>[] = [];
  let rest = '';
  const waiting = new Set<() => void>();
  child.stdout.on('data', (chunk: Buffer) => {
    const parts = (rest + chunk.toString()).split('\n');
    rest = parts.pop() ?? '';
    for (const part of parts) if (part.startsWith('{')) lines.push(JSON.parse(part));
    for (const wake of waiting) wake();
  });
  return {
    pid: child.pid as number,
    /** The first line that fits. */
    line: (fits: (line: Record<string, unknown>) => boolean): Promise<Record<string, unknown>> =>
      new Promise((resolve, reject) => {
        const look = () => {
          const found = lines.find(fits);
          if (found) {
            waiting.delete(look);
            resolve(found);
          }
        };
        waiting.add(look);
        child.once('exit', (code) => reject(new Error(`${file} ended with ${code}`)));
        look();
      }),
    async stop(): Promise<void> {
      if (child.exitCode !== null) return;
      child.kill('SIGTERM');
      await once(child, 'exit');
    },
  };
}
