import { OrchestratorConfig } from '@orchestrator/shared/config/schema.ts';
import dependencies from '../src/checks/dependencies.ts';
import { type Contents, checkInput } from './check-input.ts';

/** What the check of dependencies finds in a change, as `CODE file:line`. */
export async function dependencyCodes(before: Contents, after: Contents, policy: object = {}): Promise<string[]> {
  const { validate } = OrchestratorConfig.parse({ validate: { dependencies: policy } });
  return (await dependencies.run(checkInput(before, after, { validate }))).map(
    ({ code, file, line }) => `${code} ${file}:${line ?? ''}`,
  );
}
