import { pause } from '@orchestrator/shared/pipeline/control/pause.ts';
import { defineCommand } from '../command.ts';
import { actorOf } from '../run-of.ts';
import { SCOPE_OPTIONS, ScopeInput, scopeOf } from '../scope-of.ts';

export default defineCommand({
  name: 'pause',
  summary: 'start no more work: of everything, a queue, a repository or a run',
  description:
    'Stages that are running go on to their end, since they are paid for; to stop one, use cancel. It holds until resume, whatever happens to processes and queues.',
  options: SCOPE_OPTIONS,
  input: ScopeInput,
  examples: [
    ['orchestrator pause --all --reason maintenance', 'whatever is running ends'],
    ['orchestrator pause --queue validator', 'no build or test is started'],
  ],
  logs: 'query',
  async run(context, input) {
    const { db } = await context.system();
    const { scope, name } = await scopeOf(context, input);
    const changed = await pause(db, scope, { actor: actorOf(), reason: input.reason });
    return {
      data: { scope, changed },
      render: () => (changed ? `${name} is paused.` : `${name} was paused already, or has ended.`),
    };
  },
});
