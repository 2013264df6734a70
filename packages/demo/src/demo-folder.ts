import { cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { discardEmbeddedPostgres } from '@orchestrator/shared/embedded-postgres/cluster.ts';
import { createRepository } from '@orchestrator/testkit/git/test-repository.ts';

const ROOT = join(import.meta.dirname, '../../..');

export const ANSWERS = join(ROOT, 'examples/text-kit.answers');

/** The models are named, so that the figures stay the same when the defaults change. */
export const DEMO_MODELS = `models:
  analyzer: { model: anthropic/claude-sonnet-5-5, maxInputTokens: 16000, maxOutputTokens: 2048 }
  coder: { model: openai/gpt-6-luna, maxInputTokens: 16000, maxOutputTokens: 4096 }
`;

/**
 * The recorded answers of seven tasks fit into the launch budget, those of the eighth do not: it is parked until the next
 * phase.
 */
const OPERATOR_CONFIG = `# The demo's operator settings: they win over the repository's own.
budget:
  phases:
    - { name: launch, limit: { total: "0.143" }, days: 10, every: 30m }
    - { name: steady, limit: { perDay: "0.10" }, every: 3h30m }
${DEMO_MODELS}`;

export interface DemoFolder {
  readonly home: string;
  readonly repository: string;
}

/** A fresh repository made from the example, and a fresh home with the demo's budget. What an earlier demo left is removed. */
export async function createDemoFolder(folder: string, operatorConfig = OPERATOR_CONFIG): Promise<DemoFolder> {
  const home = join(folder, 'home');
  await discardEmbeddedPostgres(join(home, 'postgres'));
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(home, { recursive: true });
  writeFileSync(join(home, 'orchestrator.yaml'), operatorConfig);
  const repository = createRepository(join(folder, 'text-kit'));
  cpSync(join(ROOT, 'examples/text-kit'), repository.path, { recursive: true });
  repository.git('add', '--all');
  repository.git('commit', '--quiet', '--message', 'Start text-kit');
  return { home, repository: repository.path };
}
