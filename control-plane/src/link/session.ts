import type { Duplex } from "node:stream";
import type { ServerFrame } from "@cloud-assistant/shared/protocol/frames";
import type { RunKey } from "@cloud-assistant/shared/vocabulary";
import { WebSocket } from "ws";
import type { Link } from "./link.ts";
import { textFrames } from "./text-frame.ts";

export type RunOf = RunKey & { readonly instanceId: string };

/** An order written to the socket and not yet acknowledged. `frame` is shared by all targets of an invocation. */
export type Unacknowledged = { readonly frame: Buffer; readonly run: RunOf; sentMs: number };

/** One connection. No timer and no buffer of its own: thousands are idle at a time. Times are monotonic milliseconds. */
export type Session = {
  readonly socket: WebSocket;
  /** Beneath it: all our frames are written here, whole, which is what `ws` does too while nothing is compressed. */
  readonly stream: Duplex;
  readonly address: string;
  /** Ours, in the challenge; empty once it was answered. */
  nonce: string;
  /**
   * `challenged`: nothing was said yet. `proving`: the hello is being judged. `welcoming`: proven, the welcome is being
   * made. `proven`: orders and reports may pass. `closed`: nothing is sent or listened to any more.
   */
  state: "challenged" | "proving" | "welcoming" | "proven" | "closed";
  instanceId: string;
  ledgerId: string;
  openedMs: number;
  heardMs: number;
  nextPingMs: number;
  /** Something was committed for this host while it was being welcomed: list its runs again. */
  missed: boolean;
  waitingBytes: number;
  unacknowledged: Map<string, Unacknowledged> | undefined;
  /** Ids of frames to acknowledge in this turn. */
  acks: string[] | undefined;
  outputAcks: Map<string, Extract<ServerFrame, { type: "outputAck" }>> | undefined;
};

export function createSession(link: Link, socket: WebSocket, stream: Duplex, address: string): Session {
  const { clock, config, ids } = link.context;
  const atMs = clock.elapsed();
  return {
    socket,
    stream,
    address,
    nonce: ids.nonce(),
    state: "challenged",
    instanceId: "",
    ledgerId: "",
    openedMs: atMs,
    heardMs: atMs,
    nextPingMs: atMs + config.heartbeatMs,
    missed: false,
    waitingBytes: 0,
    unacknowledged: undefined,
    acks: undefined,
    outputAcks: undefined,
  };
}

export function runName({ invokeId, iteration }: RunKey): string {
  return `${invokeId}.${iteration}`;
}

export function isOpen(session: Session): boolean {
  return session.state !== "closed" && session.socket.readyState === WebSocket.OPEN;
}

export function write(session: Session, frame: object): void {
  if (isOpen(session)) session.stream.write(textFrames([JSON.stringify(frame)]));
}

/** Says no more and listens no more. */
export function closeSession(link: Link, session: Session, code: number, reason: string): void {
  if (session.state === "closed") return;
  leave(link, session);
  session.socket.close(code, reason);
}

/** The session is over, whichever side ended it; its host is not connected any more unless another session took over. */
export function leave(link: Link, session: Session): void {
  session.state = "closed";
  link.owing.delete(session);
  link.paused.delete(session);
  session.unacknowledged = undefined;
  if (link.byInstance.get(session.instanceId) !== session) return;
  link.byInstance.delete(session.instanceId);
  link.left.add(session.instanceId);
  link.context.log.info({ instanceId: session.instanceId, address: session.address }, "instance disconnected");
}

/** "What this frame said is committed." Written at the end of this turn of the loop, many in one frame. */
export function acknowledge(link: Link, session: Session, id: string): void {
  (session.acks ??= []).push(id);
  answerSoon(link, session);
}

/** "The run's output is stored up to `offset`." The latest offset of a turn is the one told. */
export function acknowledgeOutput(link: Link, session: Session, { invokeId, iteration }: RunKey, offset: number): void {
  session.outputAcks ??= new Map();
  session.outputAcks.set(runName({ invokeId, iteration }), { type: "outputAck", invokeId, iteration, offset });
  answerSoon(link, session);
}

function answerSoon(link: Link, session: Session): void {
  if (link.answering.size === 0) setImmediate(answerAll, link);
  link.answering.add(session);
}

function answerAll(link: Link): void {
  for (const session of link.answering) {
    const { acks, outputAcks, instanceId } = session;
    session.acks = undefined;
    session.outputAcks = undefined;
    if (isOpen(session)) {
      const texts: string[] = [];
      for (const ack of outputAcks?.values() ?? []) texts.push(JSON.stringify(ack));
      if (acks) texts.push(JSON.stringify({ type: "ack", ids: acks }));
      session.stream.write(textFrames(texts));
    }
    link.onStep("frame acknowledged", { instanceId, ids: acks ?? [] });
  }
  link.answering.clear();
}
