import type { Check } from '../check.ts';
import { IsolationFailure } from '../isolated/run-isolated.ts';
import { findViolations } from '../rules/find-violations.ts';

/** The packs of rules that fit the project, and the repository's own rules. */
export default {
  id: 'rules',
  async run({ rules, written, signal }) {
    try {
      return await findViolations(rules, written, signal);
    } catch (error) {
      if (!(error instanceof IsolationFailure)) throw error;
      const file = written.find(({ path }) => path === error.at)?.path;
      return [
        {
          check: 'policy.rules',
          code: 'RULES_UNREAD',
          severity: 'error',
          message: `The rules could not be looked for${file === undefined ? '' : ` in ${file}`}: ${error.message}`,
          ...(file === undefined ? {} : { file }),
        },
      ];
    }
  },
} satisfies Check;
