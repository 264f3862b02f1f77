import type { Context } from "../context.ts";
import { accessKeyPurpose } from "../domain/seal-purposes.ts";

export type Credential = { readonly accessKeyId: string; readonly accountId: string; readonly secret: string; readonly enabled: boolean };

/** How long a key that was disabled may go on working here, milliseconds; saves a read and a decryption a request. */
const CACHED_MS = 5_000;
/** Keys kept; beyond it the cache starts anew. */
const MAX_CACHED = 1_000;

/** Looks access keys up; the secret is sealed in the store and open only in this memory. */
export class Credentials {
  readonly #context: Pick<Context, "store" | "keys" | "clock">;
  readonly #cached = new Map<string, { readonly credential: Credential; readonly untilMs: number }>();

  constructor(context: Pick<Context, "store" | "keys" | "clock">) {
    this.#context = context;
  }

  async find(accessKeyId: string): Promise<Credential | undefined> {
    const { store, keys, clock } = this.#context;
    const cached = this.#cached.get(accessKeyId);
    if (cached && clock.elapsed() < cached.untilMs) return cached.credential;
    const key = await store.accessKeys.find(accessKeyId);
    if (!key) return undefined; // not cached: names that do not exist would fill it
    const secret = keys.unseal(accessKeyPurpose(accessKeyId), key.sealedSecret);
    const credential = { accessKeyId, accountId: key.accountId, secret, enabled: key.enabled };
    if (this.#cached.size >= MAX_CACHED) this.#cached.clear();
    this.#cached.set(accessKeyId, { credential, untilMs: clock.elapsed() + CACHED_MS });
    return credential;
  }
}
