import { setImmediate as nextTurn } from "node:timers/promises";
import { CLOSE_CODES } from "@cloud-assistant/shared/protocol/frames";
import { WebSocket } from "ws";
import { refuse } from "./connect.ts";
import { resendOrders } from "./delivery.ts";
import { track, type Link } from "./link.ts";
import { closeSession, type Session } from "./session.ts";

/** A hello must come within this, milliseconds; or within the silence, where that is shorter. */
const HELLO_MS = 10_000;
/** How often last-seen times are saved, milliseconds. */
const SAVE_SEEN_MS = 60_000;
/** Instances in one statement. */
const SAVE_SEEN_BATCH = 1_000;
/** A peer that lets this much pile up is not reading. Bytes. */
const MAX_BUFFERED_BYTES = 16 * 1024 * 1024;

/** Twenty looks a heartbeat are fine enough for every deadline here; never faster than 10 ms, never slower than 1 s. */
export function sweepPeriodMs(heartbeatMs: number): number {
  return Math.max(10, Math.min(1_000, heartbeatMs / 20));
}

/** The one loop behind all sessions: pings, silence, hellos that never come, repetitions, last-seen times. */
export async function sweepUntil(link: Link, signal: AbortSignal): Promise<void> {
  const { clock, config } = link.context;
  let savedMs = clock.elapsed();
  for (;;) {
    await clock.sleep(sweepPeriodMs(config.heartbeatMs), signal);
    await nextTurn(); // timers come before reading: after a stall, what arrived in it counts as heard
    const atMs = clock.elapsed();
    for (const session of link.sessions) sweepSession(link, session, atMs);
    resendOrders(link, atMs);
    if (atMs - savedMs < SAVE_SEEN_MS) continue;
    savedMs = atMs;
    saveSeen(link);
  }
}

function sweepSession(link: Link, session: Session, atMs: number): void {
  const { heartbeatMs, silenceMs } = link.context.config;
  if (session.socket.readyState !== WebSocket.OPEN) return; // closing: its own timer ends it
  if (session.state === "challenged" && atMs - session.openedMs > Math.min(HELLO_MS, silenceMs)) {
    return refuse(link, session, { code: CLOSE_CODES.unproven, reason: "no hello" });
  }
  if (link.paused.has(session)) session.heardMs = atMs; // we do not listen, so it cannot be heard
  if (atMs - session.heardMs > silenceMs || session.socket.bufferedAmount > MAX_BUFFERED_BYTES) {
    link.counters.silent++;
    link.context.log.info({ instanceId: session.instanceId, address: session.address }, "connection fell silent");
    closeSession(link, session, CLOSE_CODES.silent, "silent for too long");
    return session.socket.terminate();
  }
  if (atMs < session.nextPingMs) return;
  session.nextPingMs = atMs + heartbeatMs;
  session.socket.ping();
}

/** One pass over everybody who is, or was since the last pass, connected. */
export function saveSeen(link: Link): void {
  const { store, clock } = link.context;
  const ids = [...link.byInstance.keys(), ...link.left];
  link.left.clear();
  for (let from = 0; from < ids.length; from += SAVE_SEEN_BATCH) {
    track(link, store.instances.saveLastSeen(ids.slice(from, from + SAVE_SEEN_BATCH), clock.now()), {});
  }
}
