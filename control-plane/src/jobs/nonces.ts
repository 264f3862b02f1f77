import type { Context } from "../context.ts";

/** An expired key is told from an unknown one for this long, milliseconds. */
const EXPIRED_KEY_KEPT_MS = 86_400_000;

/** Forgets nonces whose requests are refused for their age anyway, and temporary keys that expired long ago. */
export async function runOnce({ store, clock }: Pick<Context, "store" | "clock">): Promise<number> {
  const nowMs = clock.now();
  return (
    (await store.nonces.deleteExpired(nowMs)) + (await store.temporaryKeys.deleteExpired(nowMs - EXPIRED_KEY_KEPT_MS))
  );
}
