import { MASK, maskSecrets as maskKnownSecrets } from '@orchestrator/shared/boot/redact.ts';

/** What a secret of a repository is shown as. The guard refuses to write it into a file. */
export const SECRET_MASK = '[masked secret]';

const PATTERNS: readonly RegExp[] = [
  /\bsk-(?:ant-|proj-|svcacct-|admin-)?[A-Za-z0-9_-]{20,}/g,
  /\bgh[pousr]_[A-Za-z0-9]{20,}/g,
  /\bgithub_pat_[A-Za-z0-9_]{22,}/g,
  /\bglpat-[A-Za-z0-9_-]{20,}/g,
  /\bnpm_[A-Za-z0-9]{36}\b/g,
  /\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/g,
  /\bAIza[A-Za-z0-9_-]{30,}/g,
  /\bxox[abeoprs]-[A-Za-z0-9-]{10,}/g,
  /\bsk_live_[A-Za-z0-9]{20,}/g,
  /https:\/\/(?:[a-z]+\.)?discord(?:app)?\.com\/api\/(?:v\d+\/)?webhooks\/\d+\/[A-Za-z0-9_-]+/g,
  /https:\/\/hooks\.slack\.com\/services\/[A-Za-z0-9/]+/g,
  /\beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}/g,
  // The password of a URL, not the URL.
  /(?<=\b[a-z][a-z0-9+.-]{1,20}:\/\/[^\s:/@]{1,100}:)[^\s:/@${}]{3,200}(?=@)/gi,
];

const PRIVATE_KEY = /(-----BEGIN [A-Z ]*PRIVATE KEY-----)([\s\S]*?)(-----END [A-Z ]*PRIVATE KEY-----|$)/g;

/**
 * Replaces what looks like a key, token or password, and every secret that this process holds. Lines stay lines: a
 * model quotes them as context, and the guard finds them again.
 */
export function maskSecrets(text: string): string {
  const shaped = PATTERNS.reduce((masked, pattern) => masked.replace(pattern, SECRET_MASK), text);
  return shaped
    .replace(
      PRIVATE_KEY,
      (_, head: string, body: string, tail: string) => head + body.replace(/\S+/g, SECRET_MASK) + tail,
    )
    .split('\n')
    .map(maskLine)
    .join('\n');
}

function maskLine(line: string): string {
  const masked = maskKnownSecrets(line);
  return masked === line || line.includes(MASK) ? masked : masked.replaceAll(MASK, SECRET_MASK);
}
