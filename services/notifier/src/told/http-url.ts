/** An address that may be linked to, or null. */
export const httpUrl = (url: unknown): string | null =>
  typeof url === 'string' && /^https?:\/\//.test(url) && URL.canParse(url) ? url : null;
