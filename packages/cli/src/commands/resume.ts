import { resume } from '@orchestrator/shared/pipeline/control/pause.ts';
import { defineCommand } from '../command.ts';
import { actorOf } from '../run-of.ts';
import { SCOPE_OPTIONS, ScopeInput, scopeOf } from '../scope-of.ts';

export default defineCommand({
  name: 'resume',
  summary: 'go on with what was paused',
  description: 'What is also paused by something larger, such as its repository, waits until that is resumed as well.',
  options: SCOPE_OPTIONS,
  input: ScopeInput,
  examples: [['orchestrator resume --all', 'the reverse of pause --all']],
  logs: 'query',
  async run(context, input) {
    const { db } = await context.system();
    const { scope, name } = await scopeOf(context, input);
    const announced = await resume(db, scope, { actor: actorOf(), reason: input.reason });
    return {
      data: { scope, changed: announced !== null, announced: announced ?? 0 },
      render: () => (announced === null ? `${name} was not paused.` : `${name} goes on.`),
    };
  },
});
