import type { Mention } from '@orchestrator/shared/config/schema.ts';
import type { Notice } from '../channel.ts';

/** Who is called by any of the notices, each once, in the order of the rules. */
export function mentionsFor(
  notices: readonly Pick<Notice, 'type' | 'data'>[],
  rules: readonly Mention[],
  of: (rule: Mention) => readonly string[],
): string[] {
  const calls = ({ events, codes }: Mention): boolean =>
    notices.some(
      ({ type, data }) =>
        events.includes(type) && (codes === undefined || (typeof data.code === 'string' && codes.includes(data.code))),
    );
  return [...new Set(rules.filter(calls).flatMap(of))];
}
