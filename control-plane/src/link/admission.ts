/** A token bucket as a value: how many may pass now, and when that was true (monotonic milliseconds). */
export type Bucket = { readonly tokens: number; readonly atMs: number };

/** Pure. One token if there is one; the bucket fills by `perSecond` and holds `burst`. */
export function takeToken(
  bucket: Bucket,
  atMs: number,
  perSecond: number,
  burst: number,
): { readonly admitted: boolean; readonly bucket: Bucket } {
  const tokens = Math.min(burst, bucket.tokens + (Math.max(0, atMs - bucket.atMs) * perSecond) / 1000);
  return tokens >= 1
    ? { admitted: true, bucket: { tokens: tokens - 1, atMs } }
    : { admitted: false, bucket: { tokens, atMs } };
}

/** Buckets by key, in bounded memory: the key unused for longest is forgotten first. */
export class RateLimit {
  readonly #buckets = new Map<string, Bucket>();
  readonly #perSecond: number;
  readonly #burst: number;
  readonly #maxKeys: number;

  constructor(perSecond: number, burst: number, maxKeys: number) {
    this.#perSecond = perSecond;
    this.#burst = burst;
    this.#maxKeys = maxKeys;
  }

  admits(key: string, atMs: number): boolean {
    const { admitted, bucket } = takeToken(
      this.#buckets.get(key) ?? { tokens: this.#burst, atMs },
      atMs,
      this.#perSecond,
      this.#burst,
    );
    this.#buckets.delete(key);
    this.#buckets.set(key, bucket);
    const [oldest] = this.#buckets.keys();
    if (this.#buckets.size > this.#maxKeys && oldest !== undefined) this.#buckets.delete(oldest);
    return admitted;
  }
}
