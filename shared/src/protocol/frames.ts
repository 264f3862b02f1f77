import * as z from "zod";
import { InstanceId, InvokeId } from "../vocabulary.ts";
import { RunEnd } from "./run-end.ts";

/**
 * Every JSON frame of the link; output travels as binary frames (`output-frame.ts`). Unknown keys are dropped, unknown
 * types are ignored and counted.
 *
 * 2026-11-24  1  challenge, hello, welcome, order, started, ended, gap, ack, outputAck; binary output
 * 2026-11-24  1  deregistered, which an older agent ignores: it takes the close code for a refusal and goes on trying
 */
export const PROTOCOL_VERSION = 1;

/** The link's path on the control plane. */
export const LINK_PATH = "/agent/v1/link";

/** WebSocket close codes of ours. */
export const CLOSE_CODES = {
  /** A newer connection of the same instance took over. */
  replaced: 4001,
  /** The proof failed, or the instance is unknown. */
  unproven: 4003,
  /** The instance was deregistered; the signed frame before it says so too, and only that one is believed. */
  deregistered: 4004,
  /** Another machine already holds this identity (a cloned disk). */
  cloned: 4009,
  /** A frame that breaks the protocol. */
  badFrame: 4400,
  /** The peer speaks a protocol version this side does not. */
  badVersion: 4426,
  /** The other side was silent for too long. */
  silent: 4408,
  /** Shutting down; come back. */
  goingAway: 1001,
} as const;

export const FrameId = z.string().min(1).max(128);
/** 32 random bytes in Base64. */
export const Nonce = z.base64().length(44);
/** 64 bytes in Base64. */
export const Ed25519Signature = z.base64().length(88);
const run = { invokeId: InvokeId, iteration: z.int().min(1) };
const EpochMs = z.int().min(0);

/** What a host tells of itself; hostile input, so every text is capped. */
export const HostFacts = z.object({
  hostname: z.string().max(255),
  osType: z.enum(["linux", "windows"]),
  osVersion: z.string().max(255),
  arch: z.string().max(32),
  intranetIp: z.string().max(64),
  agentVersion: z.string().max(32),
  machineId: z.string().max(64),
  /** SHA-256 in hex over what tells this machine from a copy of its disk. */
  fingerprint: z.string().max(64),
  bootId: z.string().max(64),
});
export type HostFacts = z.infer<typeof HostFacts>;

/** A run the agent still holds on disk, and up to where its output is spooled. */
export const HeldRun = z.object({ ...run, ended: z.boolean() });
export type HeldRun = z.infer<typeof HeldRun>;

/** Signed by the agent's Ed25519 key over its exact bytes; the server's nonce inside binds it to this connection. */
export const HelloPayload = z.object({
  protocol: z.int().min(1),
  instanceId: InstanceId,
  serverNonce: Nonce,
  agentNonce: Nonce,
  /** Random, made with the ledger: a host whose disk was wiped or rolled back is told from one that merely restarted. */
  ledgerId: z.string().max(64),
  host: HostFacts,
  runs: z.array(HeldRun).max(10_000),
});
export type HelloPayload = z.infer<typeof HelloPayload>;

/** Signed by the server's Ed25519 key over its exact bytes; the agent's nonce inside binds it to this connection. */
export const WelcomePayload = z.object({
  protocol: z.int().min(1),
  instanceId: InstanceId,
  agentNonce: Nonce,
  serverTimeMs: EpochMs,
  /** The server pings this often; a side that hears nothing for `silenceMs` closes. Milliseconds. */
  heartbeatMs: z.int().min(10).max(3_600_000),
  silenceMs: z.int().min(20).max(3_600_000),
  /** An unacknowledged frame is repeated after this long, milliseconds. */
  resendMs: z.int().min(10).max(3_600_000),
  /** Reconnect back-off to use from now on, milliseconds. */
  backoff: z.object({ baseMs: z.int().min(1), capMs: z.int().min(1) }),
  /** Of the runs in `hello`: from which byte of output the server wants more. */
  want: z.array(z.object({ ...run, offset: z.int().min(0) })),
  /** Of the runs in `hello`: already final here; forget them. */
  drop: z.array(z.object(run)),
});
export type WelcomePayload = z.infer<typeof WelcomePayload>;

/**
 * Signed by the server's Ed25519 key. Ids are never given again, so it holds for ever and needs no nonce.
 */
export const DeregisteredPayload = z.object({ instanceId: InstanceId });
export type DeregisteredPayload = z.infer<typeof DeregisteredPayload>;

const signed = { payload: z.string(), signature: Ed25519Signature };
/** Either side: "what these frames said is safe with me". Agent: the run directory is synced. Server: the commit is done. */
const Ack = z.object({ type: z.literal("ack"), ids: z.array(FrameId).max(10_000) });

export const ServerFrame = z.discriminatedUnion("type", [
  z.object({ type: z.literal("challenge"), protocol: z.int().min(1), nonce: Nonce }),
  z.object({ type: z.literal("welcome"), ...signed }),
  /** This host was taken out of service: it may stop trying. */
  z.object({ type: z.literal("deregistered"), ...signed }),
  /** A signed `Order`; repeated until acknowledged. */
  z.object({ type: z.literal("order"), id: FrameId, ...signed }),
  Ack,
  /** The server has stored the output of this run up to `offset`; it takes only what begins there. */
  z.object({ type: z.literal("outputAck"), ...run, offset: z.int().min(0) }),
]);
export type ServerFrame = z.infer<typeof ServerFrame>;

export const AgentFrame = z.discriminatedUnion("type", [
  z.object({ type: z.literal("hello"), ...signed }),
  Ack,
  z.object({ type: z.literal("started"), id: FrameId, ...run, atMs: EpochMs }),
  /**
   * The bytes from `from` to `to` were dropped on the host because the spool's bound was reached. Like output: taken
   * only if it begins at the offset the server has, answered by `outputAck`.
   */
  z.object({ type: z.literal("gap"), ...run, from: z.int().min(0), to: z.int().min(0) }),
  /** Sent when all output up to `outputBytes` is acknowledged; the server answers a premature one with `outputAck`. */
  z.object({ type: z.literal("ended"), id: FrameId, ...run, outputBytes: z.int().min(0), end: RunEnd }),
]);
export type AgentFrame = z.infer<typeof AgentFrame>;
