/** Writes docs/model-outcomes.md and the blocks of docs/{commands,configuration,errors,operations,tasks}.md from the code that they describe. */
import { readFileSync, writeFileSync } from 'node:fs';
import { loadCommands } from '../packages/cli/src/load-commands.ts';
import { commandReference } from '../packages/cli/src/reference.ts';
import { configReference, environmentReference, replaceBlock } from '../packages/shared/src/config/reference.ts';
import { errorReference, exitCodeReference } from '../packages/shared/src/errors/reference.ts';
import { outcomesPage } from '../packages/shared/src/models/outcomes-page.ts';
import { metricsReference } from '../packages/shared/src/telemetry/reference.ts';
import { problemReference } from '../services/scheduler/src/task-file/problem-reference.ts';

function rewrite(name: string, blocks: Record<string, string>): void {
  const file = new URL(`../docs/${name}`, import.meta.url);
  const before = readFileSync(file, 'utf8');
  const after = Object.entries(blocks).reduce((text, [block, content]) => replaceBlock(text, block, content), before);
  if (after !== before) writeFileSync(file, after);
}

rewrite('configuration.md', { config: configReference(), environment: environmentReference() });
rewrite('errors.md', { errors: errorReference(), exits: exitCodeReference() });
rewrite('commands.md', { commands: commandReference(await loadCommands()) });
rewrite('operations.md', { metrics: metricsReference() });
rewrite('tasks.md', { problems: problemReference() });
writeFileSync(new URL('../docs/model-outcomes.md', import.meta.url), outcomesPage());
