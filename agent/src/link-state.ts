import { reconnectDelayMs, type Backoff } from "@cloud-assistant/shared/backoff";

/** Why there is no connection. The first reason is the one told. */
export type LossReason =
  /** No TCP, TLS or WebSocket connection came about. */
  | "unreachable"
  /** The server is admitting few connections at a time and sent this one away (503). */
  | "busy"
  /** The connection ended without a reason. */
  | "lost"
  /** Nothing was heard for too long. */
  | "silent"
  /** The server sent what is no frame. */
  | "badFrame"
  /** The server shuts down. */
  | "goingAway"
  /** Another agent with this identity took over. */
  | "replaced"
  /** The server does not accept our proof, or does not know us. */
  | "unproven"
  /** The server knows this identity on another machine. */
  | "cloned"
  /** The two sides speak different protocols. */
  | "badVersion"
  /** What claims to be our server cannot prove it. */
  | "forged";

type Attempt = {
  /** Failures since a connection last stayed proven for as long as the longest back-off. */
  readonly failures: number;
  readonly backoff: Backoff;
};

/** `connecting`: dialing, until the challenge. `proving`: hello is sent. `waiting`: until the next attempt. Times are monotonic milliseconds. */
export type LinkState =
  | ({ readonly status: "connecting"; readonly sinceMs: number } & Attempt)
  | ({ readonly status: "proving"; readonly sinceMs: number; readonly serverNonce: string } & Attempt)
  | ({ readonly status: "proven"; readonly provenMs: number } & Attempt)
  | ({ readonly status: "waiting"; readonly dueMs: number; readonly reason: LossReason } & Attempt)
  | { readonly status: "closed" }
  /** The server has proven that it took this host out of service: there is nothing left to try. */
  | { readonly status: "deregistered" };

export type LinkEvent =
  | { readonly type: "challenged"; readonly serverNonce: string }
  | { readonly type: "welcomed"; readonly atMs: number; readonly backoff: Backoff }
  /** `random` in [0, 1). `retryAfterMs`: what a busy server asked for. */
  | {
      readonly type: "lost";
      readonly atMs: number;
      readonly reason: LossReason;
      readonly random: number;
      readonly retryAfterMs?: number;
    }
  | { readonly type: "tick"; readonly atMs: number }
  | { readonly type: "deregistered" }
  | { readonly type: "closed" };

export function firstLinkState(atMs: number, backoff: Backoff): LinkState {
  return { status: "connecting", sinceMs: atMs, failures: 0, backoff };
}

/** Pure. Returns `state` itself when the event changes nothing. */
export function nextLinkState(state: LinkState, event: LinkEvent): LinkState {
  if (state.status === "closed" || state.status === "deregistered") return state; // final
  if (event.type === "closed" || event.type === "deregistered") return { status: event.type };
  const { failures, backoff } = state;
  switch (state.status) {
    case "connecting":
      if (event.type === "challenged")
        return { status: "proving", sinceMs: state.sinceMs, serverNonce: event.serverNonce, failures, backoff };
      return event.type === "lost" ? waiting(state, event, 0) : state;
    case "proving":
      if (event.type === "welcomed")
        return { status: "proven", provenMs: event.atMs, failures, backoff: event.backoff };
      return event.type === "lost" ? waiting(state, event, 0) : state;
    case "proven":
      return event.type === "lost" ? waiting(state, event, event.atMs - state.provenMs) : state;
    case "waiting":
      return event.type === "tick" && event.atMs >= state.dueMs
        ? { status: "connecting", sinceMs: event.atMs, failures, backoff }
        : state;
  }
}

function waiting(
  { failures, backoff }: Attempt,
  event: Extract<LinkEvent, { type: "lost" }>,
  provenForMs: number,
): LinkState {
  const { reason, random, atMs, retryAfterMs = 0 } = event;
  const before = provenForMs >= backoff.capMs ? 0 : failures;
  // nobody has proven who asks for this delay, so the cap of a proven server bounds it
  const asked = Math.min(retryAfterMs, backoff.capMs);
  const dueMs =
    atMs + asked + (isHopeless(reason) ? longDelayMs(random, backoff) : reconnectDelayMs(before, random, backoff));
  return { status: "waiting", dueMs, reason, failures: reason === "goingAway" ? before : before + 1, backoff };
}

/** What another attempt does not better by itself: a person has to act, meanwhile we look once in a while. */
function isHopeless(reason: LossReason): boolean {
  switch (reason) {
    case "replaced":
    case "unproven":
    case "cloned":
    case "badVersion":
    case "forged":
      return true;
    case "unreachable":
    case "busy":
    case "lost":
    case "silent":
    case "badFrame":
    case "goingAway":
      return false;
  }
}

/** Uniform over the upper half of the longest delay. */
function longDelayMs(random: number, { capMs }: Backoff): number {
  return Math.floor((capMs * (1 + random)) / 2);
}
