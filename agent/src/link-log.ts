import type { Clock } from "@cloud-assistant/shared/clock";
import type { Logger } from "pino";
import { withDeadline } from "./deadline.ts";
import type { Identity } from "./identity.ts";
import type { Loss } from "./link-socket.ts";
import type { LossReason } from "./link-state.ts";
import { fingerprintOf } from "./proof.ts";
import { askServerKey } from "./server-key.ts";

/** Losses that a person must act on, and what to do. */
const ADVICE: Partial<Record<LossReason, string>> = {
  replaced: "another agent runs with this identity and took over the connection: stop one of them",
  unproven: "the server does not know this host or its key: register it again (cloud-assistant agent register)",
  cloned:
    "the server knows this identity on another machine, as after a cloned disk: move identity.json away here and register again",
  badVersion: "agent and server speak different protocols: bring both to the same version",
  forged: "the server cannot prove that it is ours: nothing it sends is looked at",
};

/** Why it waits, until when; what repeats itself without anybody's fault is told once. */
export function logLoss(
  log: Logger,
  { reason, detail }: Loss,
  retryInMs: number,
  previous: LossReason | undefined,
): void {
  const fields = { reason, detail, retryInMs: Math.round(retryInMs) };
  const advice = ADVICE[reason];
  if (advice) log.error({ ...fields, advice }, "link refused");
  else if (reason === "goingAway") log.info(fields, "link ended by the server's shutdown");
  else if (reason === previous) log.debug(fields, "link lost");
  else log.warn(fields, "link lost");
}

/** How long a server may take to show its key, milliseconds. */
const SERVER_KEY_DEADLINE_MS = 10_000;

/** Tells both fingerprints, the pinned one and the one the address shows now, so that a person can see what happened. */
export async function logForgery(
  log: Logger,
  identity: Identity,
  ca: string | undefined,
  clock: Clock,
  closing: AbortSignal,
): Promise<void> {
  const pinned = fingerprintOf(identity.serverPublicKey);
  const ask = (signal: AbortSignal) => askServerKey(identity.server, { ca, signal });
  const shown = await withDeadline(clock, SERVER_KEY_DEADLINE_MS, ask, closing).then(
    ({ fingerprint }) => fingerprint,
    (error: unknown) => `none (${error instanceof Error ? error.message : String(error)})`,
  );
  log.error({ server: identity.server, pinned, shown }, "the server's key is not the pinned one");
}
