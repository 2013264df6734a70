import { createHash, timingSafeEqual } from 'node:crypto';

/** Tells whether an `authorization` header presents the token: as a bearer, or as the password of any user (browsers). */
export function createTokenCheck(token: string): (header: string | undefined) => boolean {
  const wanted = digest(token);
  // Digests have one length, so that the comparison tells nothing about the token, not even how long it is.
  return (header) => timingSafeEqual(digest(presented(header)), wanted);
}

function presented(header: string | undefined): string {
  const [, scheme = '', value = ''] = /^(\w+) +(\S+)$/.exec(header ?? '') ?? [];
  if (scheme.toLowerCase() === 'bearer') return value;
  if (scheme.toLowerCase() !== 'basic') return '';
  const pair = Buffer.from(value, 'base64').toString('utf8');
  return pair.slice(pair.indexOf(':') + 1);
}

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
