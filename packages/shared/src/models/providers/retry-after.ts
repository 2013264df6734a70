const MAX_MS = 24 * 60 * 60_000;

/** The wait that a vendor asks for in its headers, in milliseconds; null where it names none that can be read. */
export function retryAfterMs(headers: Headers | undefined, now: Date): number | null {
  const exact = Number.parseFloat(headers?.get('retry-after-ms') ?? '');
  if (Number.isFinite(exact) && exact >= 0) return Math.min(Math.ceil(exact), MAX_MS);
  const text = headers?.get('retry-after')?.trim();
  if (!text) return null;
  const seconds = Number(text);
  const ms = Number.isFinite(seconds) ? seconds * 1000 : Date.parse(text) - now.getTime();
  return Number.isFinite(ms) ? Math.min(Math.max(0, Math.ceil(ms)), MAX_MS) : null;
}
