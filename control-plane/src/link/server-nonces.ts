/** How long a host may take between asking for the key and registering, milliseconds: one slow round trip and a person's yes. */
const LIFETIME_MS = 60_000;
/** At 44 bytes each a megabyte; beyond it the oldest go. */
const MAX_NONCES = 10_000;

/** Nonces given out and not yet used: short-lived, single use, bounded memory. Times are monotonic milliseconds. */
export class ServerNonces {
  readonly #expiresMs = new Map<string, number>();
  readonly #make: () => string;

  constructor(make: () => string) {
    this.#make = make;
  }

  issue(atMs: number): string {
    const nonce = this.#make();
    this.#expiresMs.set(nonce, atMs + LIFETIME_MS);
    const [oldest] = this.#expiresMs.keys();
    if (this.#expiresMs.size > MAX_NONCES && oldest !== undefined) this.#expiresMs.delete(oldest);
    return nonce;
  }

  /** @returns whether it was ours, alive and unused; it never is again. */
  use(nonce: string, atMs: number): boolean {
    const expiresMs = this.#expiresMs.get(nonce);
    this.#expiresMs.delete(nonce);
    return expiresMs !== undefined && atMs < expiresMs;
  }
}
