import { readFileSync } from 'node:fs';

/** Of the whole system: all packages have the same. */
export const VERSION = (
  JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string }
).version;
