import type { KeyObject } from "node:crypto";
import type { Clock } from "@cloud-assistant/shared/clock";
import {
  CLOSE_CODES,
  type AgentFrame,
  type HostFacts,
  type ServerFrame,
  type WelcomePayload,
} from "@cloud-assistant/shared/protocol/frames";
import { encodeOutputFrame } from "@cloud-assistant/shared/protocol/output-frame";
import type { Order } from "@cloud-assistant/shared/protocol/orders";
import type { Logger } from "pino";
import { makeAckBatch } from "./ack-batch.ts";
import type { Engine } from "./engine.ts";
import { HELLO_MAX_RUNS, isDeregistration, judgeWelcome, makeHello } from "./handshake.ts";
import { countIgnored, type LinkCounters } from "./link-counters.ts";
import type { LossReason } from "./link-state.ts";
import { judgeOrder } from "./order-verdict.ts";
import { makeNonce } from "./proof.ts";
import { readServerFrame } from "./server-frame.ts";
import type { OnAgentStep } from "./steps.ts";

/** What a session needs of its socket. Nothing is sent, and `written` is not called, once the socket is not open. */
export type SessionSocket = {
  send: (data: string | Uint8Array, written?: () => void) => void;
  bufferedBytes: () => number;
  /** Ends the connection; the first reason is the one told. */
  end: (reason: LossReason, closeCode: number) => void;
};

export type SessionParts = {
  readonly instanceId: string;
  readonly proofKey: KeyObject;
  readonly serverKey: KeyObject;
  readonly engine: Engine;
  readonly clock: Clock;
  readonly log: Logger;
  readonly counters: LinkCounters;
  readonly onStep: OnAgentStep;
  readonly readHost: () => HostFacts;
  readonly socket: SessionSocket;
  readonly onChallenged: (serverNonce: string) => void;
  readonly onWelcomed: (welcome: WelcomePayload) => void;
  readonly onDeregistered: () => void;
};

/** The frames of one connection: proof first, then orders to the engine and acknowledgements back. */
export type Session = {
  take: (text: string) => void;
  takeBinary: () => void;
  /** The socket is gone: orders still on their way to disk are not acknowledged here; the server sends them again. */
  ended: () => void;
};

type Phase =
  | { readonly name: "unproven" }
  | { readonly name: "proving"; readonly agentNonce: string }
  /** `serverMs` + monotonic time = the server's time. */
  | { readonly name: "proven"; readonly serverMs: number }
  | { readonly name: "ended" };

export function makeSession(parts: SessionParts): Session {
  const { instanceId, engine, clock, log, counters, socket, onStep } = parts;
  let phase: Phase = { name: "unproven" };
  const send = (frame: AgentFrame, written?: () => void): void => {
    if (phase.name !== "ended") socket.send(JSON.stringify(frame), written);
  };
  const acknowledge = makeAckBatch(send, ({ task }) => {
    if (task) onStep("task acknowledged", task);
  });

  const prove = (serverNonce: string): void => {
    const agentNonce = makeNonce();
    const runs = engine.held();
    if (runs.length > HELLO_MAX_RUNS)
      log.warn({ runs: runs.length, named: HELLO_MAX_RUNS }, "more runs held than one hello can name");
    phase = { name: "proving", agentNonce };
    parts.onChallenged(serverNonce);
    send(
      makeHello(parts.proofKey, {
        instanceId,
        serverNonce,
        agentNonce,
        ledgerId: engine.ledgerId,
        host: parts.readHost(),
        runs,
      }),
    );
  };

  const welcome = (frame: Extract<ServerFrame, { type: "welcome" }>, agentNonce: string): void => {
    const verdict = judgeWelcome(parts.serverKey, { instanceId, agentNonce }, frame);
    if (!verdict.ok) {
      log.error({ why: verdict.why }, "the server's proof was refused");
      socket.end(verdict.reason, verdict.reason === "forged" ? CLOSE_CODES.unproven : CLOSE_CODES.badVersion);
      return;
    }
    phase = { name: "proven", serverMs: verdict.welcome.serverTimeMs - clock.elapsed() };
    parts.onWelcomed(verdict.welcome);
    const sendOutput = (output: Parameters<typeof encodeOutputFrame>[0]): void => {
      if (phase.name !== "ended") socket.send(encodeOutputFrame(output));
    };
    engine.connected(
      { send: (report) => send(report), sendOutput, bufferedBytes: socket.bufferedBytes },
      verdict.welcome,
    );
  };

  const takeOrder = (frame: Extract<ServerFrame, { type: "order" }>, serverMs: number): void => {
    const verdict = judgeOrder(parts.serverKey, { instanceId, serverNowMs: serverMs + clock.elapsed() }, frame);
    switch (verdict.verdict) {
      case "forged":
        return countIgnored(counters, "forgedOrders", log);
      case "foreign":
        return countIgnored(counters, "foreignOrders", log);
      case "unreadable":
        return countIgnored(counters, "unreadableOrders", log);
      case "ours":
        return handOver(frame.id, verdict.order, verdict.expired);
    }
  };

  const handOver = (id: string, order: Order, expired: boolean): void => {
    const run = { invokeId: order.invokeId, iteration: order.iteration };
    const task = order.type === "task" ? run : undefined;
    if (task) onStep("task received", task);
    engine.take(order, expired).then(
      () => acknowledge({ id, task }),
      // not acknowledged, so the server sends it again after its resend time
      (error: unknown) => log.error({ ...run, err: error }, "order could not be kept on disk"),
    );
  };

  const takeFrame = (frame: ServerFrame): void => {
    if (frame.type === "challenge" && phase.name === "unproven") return prove(frame.nonce);
    if (frame.type === "welcome" && phase.name === "proving") return welcome(frame, phase.agentNonce);
    if (frame.type === "deregistered") {
      if (!isDeregistration(parts.serverKey, instanceId, frame)) return countIgnored(counters, "forgedOrders", log);
      return parts.onDeregistered();
    }
    if (phase.name !== "proven") return countIgnored(counters, "outOfTurn", log);
    switch (frame.type) {
      case "order":
        return takeOrder(frame, phase.serverMs);
      case "ack":
        return engine.acknowledged(frame.ids);
      case "outputAck":
        return engine.outputAcknowledged({ invokeId: frame.invokeId, iteration: frame.iteration }, frame.offset);
      case "challenge":
      case "welcome":
        return countIgnored(counters, "outOfTurn", log);
    }
  };

  return {
    take: (text) => {
      if (phase.name === "ended") return;
      const read = readServerFrame(text);
      if (read.kind === "frame") takeFrame(read.frame);
      else if (read.kind === "unknown") countIgnored(counters, "unknown", log);
      else socket.end("badFrame", CLOSE_CODES.badFrame);
    },
    takeBinary: () => countIgnored(counters, "unknown", log),
    ended: () => {
      const wasProven = phase.name === "proven";
      phase = { name: "ended" };
      if (wasProven) engine.disconnected();
    },
  };
}
