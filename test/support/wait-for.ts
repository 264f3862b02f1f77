import { setTimeout as pause } from "node:timers/promises";

/** Between two looks, milliseconds. */
const LOOK_MS = 5;

/**
 * Watches until `condition` gives something truthy and returns that; an error it throws is the condition not holding yet.
 * @throws {Error} when it does not within `withinMs`.
 */
export async function waitFor<T>(
  condition: () => T | Promise<T>,
  { withinMs = 10_000, what = condition.toString() }: { withinMs?: number; what?: string | (() => string) } = {},
): Promise<NonNullable<T>> {
  const end = performance.now() + withinMs;
  let cause: unknown;
  do {
    try {
      const seen = await condition();
      if (seen) return seen;
      cause = undefined;
    } catch (error) {
      cause = error;
    }
    await pause(LOOK_MS);
  } while (performance.now() < end);
  throw new Error(`waited ${withinMs} ms in vain for: ${typeof what === "string" ? what : what()}`, { cause });
}
