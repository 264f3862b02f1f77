import type { Logger } from "pino";

/** What came over the link and was ignored, since the agent's start. */
export type LinkCounters = {
  /** Frames of types this version does not know. */
  unknown: number;
  /** Known frames at a moment they have no meaning, such as an order before the proof. */
  outOfTurn: number;
  /** Signed by another key than the pinned one. */
  forgedOrders: number;
  foreignOrders: number;
  unreadableOrders: number;
};

export function makeCounters(): LinkCounters {
  return { unknown: 0, outOfTurn: 0, forgedOrders: 0, foreignOrders: 0, unreadableOrders: 0 };
}

/** Counts, and warns at 1, 2, 4, 8, …: a peer that sends nothing else cannot fill the log. */
export function countIgnored(counters: LinkCounters, what: keyof LinkCounters, log: Logger): void {
  const count = ++counters[what];
  if (Number.isInteger(Math.log2(count))) log.warn({ what, count }, "frame ignored");
}
