import type { RequestNonce } from "../store/store.ts";

const MINUTE_MS = 60_000;

/**
 * Nonces in use, until the time of their request is out of the clock window anyway. Those of committed mutations come
 * back from the store at start; a read replayed across a restart changes nothing.
 */
export class Nonces {
  readonly #taken = new Set<string>();
  /** Minute in which they expire → the nonces. */
  readonly #byMinute = new Map<number, string[]>();
  #purgedMinute = 0;

  /** @returns false when it was taken before. */
  take({ accessKeyId, nonce, expiresMs }: RequestNonce, nowMs: number): boolean {
    this.#purge(nowMs);
    const key = `${accessKeyId} ${nonce}`;
    if (this.#taken.has(key)) return false;
    this.#taken.add(key);
    const minute = Math.ceil(expiresMs / MINUTE_MS);
    const sameMinute = this.#byMinute.get(minute);
    if (sameMinute) sameMinute.push(key);
    else this.#byMinute.set(minute, [key]);
    return true;
  }

  get size(): number {
    return this.#taken.size;
  }

  #purge(nowMs: number): void {
    const now = Math.floor(nowMs / MINUTE_MS);
    if (now === this.#purgedMinute) return;
    this.#purgedMinute = now;
    for (const [minute, keys] of this.#byMinute) {
      if (minute >= now) continue;
      for (const key of keys) this.#taken.delete(key);
      this.#byMinute.delete(minute);
    }
  }
}
