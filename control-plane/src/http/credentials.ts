import type { Caller } from "../actions/action.ts";
import { listLayers } from "../actions/layers.ts";
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

/** Keys kept; beyond it the memory starts anew. */
const MAX_KNOWN = 1_000;

/**
 * Looks access keys up, with their owners' policies. What was read is good until the store says that keys, users or policies
 * have changed, so a key that was disabled works nowhere from then on, and a call costs no read, decryption or parsing. The
 * secret is sealed in the store and open only in this memory.
 */
export class Credentials {
  readonly #context: Pick<Context, "store" | "keys">;
  readonly #known = new Map<string, Credential>();
  #revision = -1;

  constructor(context: Pick<Context, "store" | "keys">) {
    this.#context = context;
  }

  async find(accessKeyId: string): Promise<Credential | undefined> {
    const revision = this.#context.store.identityRevision();
    if (revision !== this.#revision) {
      this.#known.clear();
      this.#revision = revision;
    }
    const known = this.#known.get(accessKeyId);
    if (known) return known;
    const credential = await this.#read(accessKeyId);
    // unknown ones are not kept: names that do not exist would fill it
    if (credential && revision === this.#context.store.identityRevision()) {
      if (this.#known.size >= MAX_KNOWN) this.#known.clear();
      this.#known.set(accessKeyId, credential);
    }
    return credential;
  }

  /** Whether the key of a call that is going on still works; with what limits it now. */
  async findWorking(accessKeyId: string, nowMs: number): Promise<Caller | undefined> {
    const credential = await this.find(accessKeyId);
    return credential?.enabled && nowMs < (credential.expiresMs ?? Infinity) ? credential.caller : undefined;
  }

  async #read(accessKeyId: string): Promise<Credential | undefined> {
    const { store, keys } = this.#context;
    const temporary = accessKeyId.startsWith(TEMPORARY_PREFIX)
      ? await store.temporaryKeys.find(accessKeyId)
      : undefined;
    const key = temporary ?? (await store.accessKeys.find(accessKeyId));
    if (!key) return undefined;
    const { accountId, user, enabled } = key;
    const session = temporary && {
      name: temporary.sessionName,
      ...(temporary.policy !== undefined && { policy: temporary.policy }),
    };
    const layers = await listLayers({ store }, { user, session });
    return {
      caller: { accountId, accessKeyId, ...(user && { user }), ...(session && { session }), layers },
      secret: keys.unseal(accessKeyPurpose(accessKeyId), key.sealedSecret),
      enabled,
      ...(temporary && { expiresMs: temporary.expiresMs }),
    };
  }
}
