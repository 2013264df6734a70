import type { Finding } from '@orchestrator/shared/contracts/verdict.ts';
import { nameSecret } from '@orchestrator/shared/text/secret-shapes.ts';
import { addedLines, type Check, textOf, type WrittenFile } from '../check.ts';
import { lintSecrets, type SecretSource } from '../isolated/lint-secrets.ts';
import { IsolationFailure } from '../isolated/run-isolated.ts';

/** No placeholder for a password, and no server of a test. */
const URL_WITH_PASSWORD =
  /\b[a-z][a-z0-9+.-]{1,15}:\/\/[^\s:/@"'`<>{}$]{1,100}:(?!password@|secret@|pass@|\$|<|\{|\*)[^\s/@"'`<>{}$]{8,200}@(?!localhost|127\.|example\.|host\b)[^\s"'`]/i;

/** What a line holds; the value never appears in a finding. */
const secretIn = (text: string): string | null =>
  nameSecret(text) ?? (URL_WITH_PASSWORD.test(text) ? 'a URL with a password' : null);

/** Told by URL_WITH_PASSWORD, which knows placeholders. */
const OWN_KINDS = new Set(['database-connection-string', 'basicauth']);

/** Secrets in added text: once pushed, they are public. */
export default {
  id: 'secrets',
  async run({ written, signal }) {
    const findings: Finding[] = [];
    const added = new Map(written.map((file) => [file.path, addedLines(file)]));
    for (const [file, lines] of added)
      for (const { line, text } of lines) {
        const found = secretIn(text);
        if (found !== null) findings.push(secret(found, file, line));
      }
    try {
      for (const { path, line, kind } of await lintSecrets(readable(added, written), signal))
        if (
          !OWN_KINDS.has(kind) &&
          added.get(path)?.some((each) => each.line === line) &&
          !findings.some((finding) => finding.file === path && finding.line === line)
        )
          findings.push(secret(`a secret (${kind})`, path, line));
    } catch (error) {
      if (!(error instanceof IsolationFailure)) throw error;
      findings.push({
        check: 'policy.secrets',
        code: 'SECRETS_UNREAD',
        severity: 'error',
        message: `The text could not be searched for secrets: ${error.message}`,
        ...(error.at === null ? {} : { file: error.at }),
      });
    }
    return findings;
  },
} satisfies Check;

const secret = (what: string, file: string, line: number): Finding => ({
  check: 'policy.secrets',
  code: 'SECRET',
  severity: 'error',
  message: `The line looks like it holds ${what}. Read secrets from the environment.`,
  file,
  line,
});

type Lines = ReturnType<typeof addedLines>;

/** Only files that gain a line are read. */
const readable = (added: ReadonlyMap<string, Lines>, written: readonly WrittenFile[]): SecretSource[] =>
  written.flatMap(({ path, content }) => {
    const text = (added.get(path)?.length ?? 0) > 0 ? textOf(content) : null;
    return text === null ? [] : [{ path, text }];
  });
