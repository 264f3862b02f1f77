import type { Context } from "../context.ts";

/** Forgets nonces whose requests are refused for their age anyway. */
export async function runOnce({ store, clock }: Pick<Context, "store" | "clock">): Promise<number> {
  return store.nonces.deleteExpired(clock.now());
}
