import type { GitHubAddress } from '@orchestrator/shared/github/address.ts';
import type { GitHub } from '@orchestrator/shared/github/client.ts';
import { z } from 'zod';

const QUERY = `query ($owner: String!, $repo: String!, $number: Int!) {
  repository(owner: $owner, name: $repo) { issue(number: $number) { editor { login } } }
}`;
const Answer = z.object({
  repository: z
    .object({ issue: z.object({ editor: z.object({ login: z.string() }).nullable() }).nullable() })
    .nullable(),
});

/** Who edited the text of an issue last, which ticking a box is; null: nobody has. Only GraphQL tells. */
export async function lastEditor(github: GitHub, at: GitHubAddress, number: number): Promise<string | null> {
  const answer = Answer.parse(await github.graphql(QUERY, { ...at, number }));
  return answer.repository?.issue?.editor?.login ?? null;
}
