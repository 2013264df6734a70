import { nameSecret } from '@orchestrator/shared/text/secret-shapes.ts';
import { addedLines, type Check } from '../check.ts';

/** No placeholder for a password, and no server of a test. */
const URL_WITH_PASSWORD =
  /\b[a-z][a-z0-9+.-]{1,15}:\/\/[^\s:/@"'`<>{}$]{1,100}:(?!password@|secret@|pass@|\$|<|\{|\*)[^\s/@"'`<>{}$]{8,200}@(?!localhost|127\.|example\.|host\b)[^\s"'`]/i;

/** What a line holds; the value never appears in a finding. */
const secretIn = (text: string): string | null =>
  nameSecret(text) ?? (URL_WITH_PASSWORD.test(text) ? 'a URL with a password' : null);

/** Secrets in added text: once pushed, they are public. */
export default {
  id: 'secrets',
  run: ({ written }) =>
    written.flatMap((file) =>
      addedLines(file).flatMap(({ line, text }) => {
        const found = secretIn(text);
        return found === null
          ? []
          : [
              {
                check: 'policy.secrets',
                code: 'SECRET',
                severity: 'error' as const,
                message: `The line looks like it holds ${found}. Read secrets from the environment.`,
                file: file.path,
                line,
              },
            ];
      }),
    ),
} satisfies Check;
