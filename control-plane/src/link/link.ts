import type { Context } from "../context.ts";
import type { OnControlPlaneStep } from "../steps.ts";
import type { Bucket } from "./admission.ts";
import type { OrderBook } from "./orders.ts";
import type { Session } from "./session.ts";

/** What refused, odd or broken things were seen since the start. */
export type LinkCounters = {
  connections: number;
  /** Told to come back later. */
  notAdmitted: number;
  /** Proof failed: unknown instance, foreign key, replayed or wrong nonce, no hello in time. */
  unproven: number;
  /** Another machine with the identity of a registered one. */
  cloned: number;
  badVersions: number;
  /** Well-formed frames of a type this version does not know. */
  unknownFrames: number;
  /** Frames that broke the protocol; their connections were closed. */
  badFrames: number;
  /** Frames about runs that are unknown or another instance's. */
  foreignRuns: number;
  silent: number;
};

/** What all sessions of one control plane share. */
export type Link = {
  readonly context: Pick<Context, "config" | "store" | "keys" | "clock" | "ids" | "log" | "outputBus">;
  readonly onStep: OnControlPlaneStep;
  readonly orders: OrderBook;
  readonly counters: LinkCounters;
  /** Every open connection, proven or not. */
  readonly sessions: Set<Session>;
  /** The one session of each proven instance. */
  readonly byInstance: Map<string, Session>;
  /** Sessions with unacknowledged orders. */
  readonly owing: Set<Session>;
  /** Sessions with acknowledgements to write in this turn of the loop. */
  readonly answering: Set<Session>;
  /** Sessions whose sockets are not read until the store has caught up. */
  readonly paused: Set<Session>;
  /** Instances that left since their last-seen time was saved. */
  readonly left: Set<string>;
  /** Work in progress; empty when everything received was answered. */
  readonly working: Set<Promise<unknown>>;
  bucket: Bucket;
  /** How many sessions were ever proven. */
  proofs: number;
  /** Bytes of frames received and not yet in the store. */
  waitingBytes: number;
  closing: boolean;
};

export function emptyCounters(): LinkCounters {
  return {
    connections: 0,
    notAdmitted: 0,
    unproven: 0,
    cloned: 0,
    badVersions: 0,
    unknownFrames: 0,
    badFrames: 0,
    foreignRuns: 0,
    silent: 0,
  };
}

/** Keeps `close` waiting for `work`; what it throws is logged, once, here. */
export function track(link: Link, work: Promise<unknown>, fields: Readonly<Record<string, unknown>>): void {
  const over = (): void => void link.working.delete(tracked);
  const tracked: Promise<void> = work.then(over, (error: unknown) => {
    link.context.log.error({ ...fields, err: error }, "link work failed");
    over();
  });
  link.working.add(tracked);
}
