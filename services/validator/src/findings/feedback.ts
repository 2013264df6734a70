import type { Finding } from '@orchestrator/shared/contracts/verdict.ts';

export const MAX_FEEDBACK_BYTES = 4_096;
const MAX_MESSAGE_LINES = 12;
const MAX_MESSAGE_CHARACTERS = 700;

/** What comes first explains what comes after: a file that does not compile makes its tests fail. */
const ORDER = ['apply', 'policy', 'prepare', 'build', 'test', 'comparison'];
const rank = (finding: Finding): number => {
  const index = ORDER.findIndex((prefix) => finding.check === prefix || finding.check.startsWith(`${prefix}.`));
  return index < 0 ? ORDER.length : index;
};

/** Errors before warnings, causes before consequences, each once. */
export function orderFindings(findings: readonly Finding[]): Finding[] {
  const unique = new Map(
    findings.map((finding) => [
      JSON.stringify([finding.check, finding.code, finding.file, finding.line, finding.test, finding.message]),
      finding,
    ]),
  );
  return [...unique.values()].sort((a, b) => severity(a) - severity(b) || rank(a) - rank(b));
}

const severity = (finding: Finding): number => (finding.severity === 'error' ? 0 : 1);

/**
 * The findings as Markdown for the coder. Messages are fenced: they quote the output of programs, which is data. What does
 * not fit is counted.
 */
export function feedbackOf(findings: readonly Finding[]): string {
  const ordered = orderFindings(findings);
  if (ordered.length === 0) return '';
  let text = '';
  for (const [index, finding] of ordered.entries()) {
    const rest = ordered.length - index;
    const more = `\n(${rest} more not shown)\n`;
    const entry = `${index === 0 ? '' : '\n'}${entryOf(finding, index + 1)}`;
    if (bytes(text + entry) + (rest > 1 ? bytes(more) : 0) > MAX_FEEDBACK_BYTES)
      return index === 0 ? cutToBytes(entry) : text + more;
    text += entry;
  }
  return text;
}

function entryOf(finding: Finding, number: number): string {
  const place =
    finding.file === undefined
      ? ''
      : ` ${code(finding.line === undefined ? finding.file : `${finding.file}:${finding.line}`)}`;
  const test = finding.test === undefined ? '' : `\nTest: ${code(finding.test)}`;
  const lines = finding.message
    .split('\n')
    .slice(0, MAX_MESSAGE_LINES)
    .join('\n')
    .slice(0, MAX_MESSAGE_CHARACTERS)
    .trimEnd();
  return `${number}. **${finding.code}** (${finding.check}${finding.severity === 'warning' ? ', warning' : ''})${place}${test}\n\`\`\`\n${lines.replaceAll('```', "'''")}\n\`\`\`\n`;
}

const code = (text: string): string => `\`${text.replace(/[`\n]/g, "'").slice(0, 300)}\``;
const bytes = (text: string): number => Buffer.byteLength(text);

function cutToBytes(text: string): string {
  const end = '\n```\n';
  return (
    new TextDecoder()
      .decode(Buffer.from(text).subarray(0, MAX_FEEDBACK_BYTES - bytes(end) - 3))
      .replace(/\uFFFD+$/, '') + end
  );
}
