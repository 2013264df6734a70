import { createHash } from 'node:crypto';

const MAX_BYTES = 200;

/**
 * A name that git accepts for a branch: `wanted` itself where it is one. Otherwise what git refuses is replaced, and a
 * part of a hash is added, so that two different names never become one.
 */
export function branchName(wanted: string): string {
  const cleaned = wanted
    .split('/')
    .map((part) =>
      part
        .replace(/[\p{Cc}\p{Z}~^:?*[\]\\@{}]+/gu, '-')
        .replace(/\.{2,}/g, '.')
        .replace(/^[.-]+/, '')
        .replace(/(\.(lock)?)+$/, ''),
    )
    .filter((part) => part !== '')
    .join('/');
  if (cleaned === wanted && wanted !== '' && Buffer.byteLength(wanted) <= MAX_BYTES) return wanted;
  const hash = createHash('sha256').update(wanted).digest('hex').slice(0, 8);
  const short = Buffer.from(cleaned)
    .subarray(0, MAX_BYTES - 9)
    .toString('utf8')
    .replace(/\ufffd+$|[./-]+$/g, '');
  return short === '' ? `change-${hash}` : `${short}-${hash}`;
}
