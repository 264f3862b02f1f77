/** Bounds of a reconnect delay in milliseconds. */
export type Backoff = { readonly baseMs: number; readonly capMs: number };

export const RECONNECT_BACKOFF: Backoff = { baseMs: 1_000, capMs: 60_000 };

/**
 * Exponential back-off with full jitter: uniform over [0, min(cap, base · 2^attempt)), so that a fleet that lost its
 * server together does not come back together.
 * @param attempt failed attempts so far, from 0
 * @param random uniform in [0, 1)
 * @see https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
 */
export function reconnectDelayMs(
  attempt: number,
  random: number,
  { baseMs, capMs }: Backoff = RECONNECT_BACKOFF,
): number {
  return Math.floor(random * Math.min(capMs, baseMs * 2 ** Math.min(attempt, 30)));
}
