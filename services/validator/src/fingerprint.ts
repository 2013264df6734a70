import { createHash } from 'node:crypto';
import type { Finding } from '@orchestrator/shared/contracts/verdict.ts';

/**
 * Identity of a failure: the same when a repair changed nothing about it. Free of line numbers, times, addresses, counts
 * and temporary names, which differ although the failure does not.
 */
export function fingerprintOf(findings: readonly Finding[]): string {
  const keys = findings
    .filter((finding) => finding.severity === 'error')
    .map((finding) =>
      [finding.check, finding.code, finding.file ?? '', finding.test ?? '', essence(finding.message)].join('\u001f'),
    );
  return createHash('sha256')
    .update([...new Set(keys)].sort().join('\u001e'))
    .digest('hex')
    .slice(0, 32);
}

function essence(message: string): string {
  return message
    .slice(0, 2_000)
    .replace(/\b0x[0-9a-f]+\b/gi, '#')
    .replace(/\b[0-9a-f]{7,64}\b/gi, '#')
    .replace(/\/tmp\/\S+/g, '#')
    .replace(/\b\d+([.,:]\d+)*\s*(ms|s|seconds?|MB|KB)\b/gi, '#')
    .replace(/(:|line |\()\d+(?=[:,)\]]|\b)/gi, '$1#')
    .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z?/g, '#')
    .replace(/\s+/g, ' ')
    .trim();
}
