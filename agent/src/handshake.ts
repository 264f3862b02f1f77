import type { KeyObject } from "node:crypto";
import {
  DeregisteredPayload,
  PROTOCOL_VERSION,
  WelcomePayload,
  type AgentFrame,
  type HeldRun,
  type HelloPayload,
  type HostFacts,
} from "@cloud-assistant/shared/protocol/frames";
import { parseJson } from "./parse-json.ts";
import { isSignedBy, signText } from "./proof.ts";

/**
 * Runs one `hello` can name and stay within MAX_FRAME_BYTES: 512 KiB at up to 150 bytes a run, JSON in JSON. The orders of
 * others are sent again by the server, and the engine answers those from its ledger.
 */
export const HELLO_MAX_RUNS = 3_000;

export type HelloFacts = {
  readonly instanceId: string;
  readonly serverNonce: string;
  readonly agentNonce: string;
  readonly ledgerId: string;
  readonly host: HostFacts;
  readonly runs: readonly HeldRun[];
};

export function makeHello(proofKey: KeyObject, { runs, ...facts }: HelloFacts): AgentFrame {
  const named =
    runs.length > HELLO_MAX_RUNS
      ? runs.toSorted((a, b) => Number(a.ended) - Number(b.ended)).slice(0, HELLO_MAX_RUNS)
      : [...runs];
  const payload = JSON.stringify({ protocol: PROTOCOL_VERSION, ...facts, runs: named } satisfies HelloPayload);
  return { type: "hello", payload, signature: signText(proofKey, "hello", payload) };
}

export type WelcomeVerdict =
  | { readonly ok: true; readonly welcome: WelcomePayload }
  | { readonly ok: false; readonly reason: "forged" | "badVersion"; readonly why: string };

/** The server's proof: its pinned key signed our nonce of this connection and our id. */
export function judgeWelcome(
  serverKey: KeyObject,
  { instanceId, agentNonce }: { instanceId: string; agentNonce: string },
  { payload, signature }: { payload: string; signature: string },
): WelcomeVerdict {
  if (!isSignedBy(serverKey, "welcome", payload, signature))
    return { ok: false, reason: "forged", why: "the signature is not by the pinned key" };
  const welcome = WelcomePayload.safeParse(parseJson(payload));
  if (!welcome.success) return { ok: false, reason: "badVersion", why: "the signed welcome cannot be read" };
  if (welcome.data.agentNonce !== agentNonce)
    return { ok: false, reason: "forged", why: "the welcome is for another connection: replayed" };
  if (welcome.data.instanceId !== instanceId)
    return { ok: false, reason: "forged", why: "the welcome is for another host" };
  if (welcome.data.protocol !== PROTOCOL_VERSION)
    return { ok: false, reason: "badVersion", why: `the server speaks protocol ${welcome.data.protocol}` };
  return { ok: true, welcome: welcome.data };
}

/** The pinned key says that this host is out of service. */
export function isDeregistration(
  serverKey: KeyObject,
  instanceId: string,
  { payload, signature }: { payload: string; signature: string },
): boolean {
  if (!isSignedBy(serverKey, "deregistered", payload, signature)) return false;
  return DeregisteredPayload.safeParse(parseJson(payload)).data?.instanceId === instanceId;
}
