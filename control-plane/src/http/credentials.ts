import type { Caller } from "../actions/action.ts";
import type { Context } from "../context.ts";
import { accessKeyPurpose } from "../domain/seal-purposes.ts";

export type Credential = {
  readonly caller: Caller;
  readonly secret: string;
  readonly enabled: boolean;
  /** Of a temporary key: when it stops working, epoch milliseconds. It must come with its token. */
  readonly expiresMs?: number;
};

/** Ids of temporary keys begin so, as the original's. */
export const TEMPORARY_PREFIX = "STS.";

/** Open secrets kept; beyond it the memory starts anew. */
const MAX_OPENED = 1_000;

/**
 * Looks access keys up: each time, so that a key that was disabled works nowhere from then on. The secret is sealed in the store
 * and open only in this memory, which saves a decryption a request.
 */
export class Credentials {
  readonly #context: Pick<Context, "store" | "keys">;
  readonly #opened = new Map<string, { readonly sealed: Uint8Array; readonly secret: string }>();

  constructor(context: Pick<Context, "store" | "keys">) {
    this.#context = context;
  }

  async find(accessKeyId: string): Promise<Credential | undefined> {
    const { store } = this.#context;
    if (accessKeyId.startsWith(TEMPORARY_PREFIX)) {
      const key = await store.temporaryKeys.find(accessKeyId);
      if (!key) return undefined;
      const { accountId, user, sessionName, policy, enabled, expiresMs } = key;
      const session = { name: sessionName, ...(policy !== undefined && { policy }) };
      return { caller: { accountId, accessKeyId, ...(user && { user }), session }, secret: this.#open(accessKeyId, key.sealedSecret), enabled, expiresMs };
    }
    const key = await store.accessKeys.find(accessKeyId);
    if (!key) return undefined;
    const { accountId, user, enabled } = key;
    return { caller: { accountId, accessKeyId, ...(user && { user }) }, secret: this.#open(accessKeyId, key.sealedSecret), enabled };
  }

  #open(accessKeyId: string, sealed: Uint8Array): string {
    const opened = this.#opened.get(accessKeyId);
    if (opened && Buffer.compare(opened.sealed, sealed) === 0) return opened.secret;
    const secret = this.#context.keys.unseal(accessKeyPurpose(accessKeyId), sealed);
    if (this.#opened.size >= MAX_OPENED) this.#opened.clear();
    this.#opened.set(accessKeyId, { sealed, secret });
    return secret;
  }
}
