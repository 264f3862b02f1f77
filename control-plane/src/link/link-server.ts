import { STATUS_CODES, type IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { CLOSE_CODES, LINK_PATH } from "@cloud-assistant/shared/protocol/frames";
import { MAX_FRAME_BYTES } from "@cloud-assistant/shared/limits";
import { WebSocketServer, type ServerOptions, type WebSocket } from "ws";
import type { OnControlPlaneStep } from "../steps.ts";
import { takeToken } from "./admission.ts";
import { challenge, dismiss, pull } from "./connect.ts";
import { sendChanged, sendRuns, stopRuns } from "./delivery.ts";
import type { Hub } from "./hub.ts";
import { emptyCounters, track, type Link, type LinkCounters } from "./link.ts";
import { OrderBook } from "./orders.ts";
import { receive } from "./receive.ts";
import { closeSession, createSession, leave } from "./session.ts";
import { saveSeen, sweepUntil } from "./sweep.ts";

/** How long a peer may take to answer a close, milliseconds. */
const CLOSE_MS = 5_000;
/** `closeTimeout` is newer than the types of ws. */
const SOCKET_OPTIONS: ServerOptions & { closeTimeout: number } = {
  noServer: true,
  perMessageDeflate: false,
  clientTracking: false,
  maxPayload: MAX_FRAME_BYTES,
  closeTimeout: CLOSE_MS,
};
/** The same when we shut down, milliseconds. */
const DRAIN_MS = 1_000;

export type LinkServer = Hub & {
  readonly counters: Readonly<LinkCounters>;
  /** For the `upgrade` event of the HTTP server. */
  upgrade: (request: IncomingMessage, socket: Duplex, head: Buffer) => void;
  /** Sends everybody away to come back later, and waits for what they said to be stored. */
  close: () => Promise<void>;
};

export function createLinkServer(context: Link["context"], onStep: OnControlPlaneStep = () => undefined): LinkServer {
  const link: Link = {
    context,
    onStep,
    orders: new OrderBook(context),
    counters: emptyCounters(),
    sessions: new Set(),
    byInstance: new Map(),
    owing: new Set(),
    answering: new Set(),
    paused: new Set(),
    left: new Set(),
    working: new Set(),
    bucket: { tokens: context.config.admissionPerSecond, atMs: context.clock.elapsed() },
    proofs: 0,
    waitingBytes: 0,
    closing: false,
  };
  const sockets = new WebSocketServer(SOCKET_OPTIONS);
  const sweeping = new AbortController();
  const swept = sweepUntil(link, sweeping.signal).catch((error: unknown) => {
    if (!sweeping.signal.aborted) throw error; // a bug: without the sweep nobody is pinged, so it must not be silent
  });

  return {
    counters: link.counters,
    isConnected: (instanceId) => link.byInstance.has(instanceId),
    connectedIds: () => [...link.byInstance.keys()],
    ledgerOf: (instanceId) => link.byInstance.get(instanceId)?.ledgerId,
    send: (runs, of) => sendRuns(link, runs, of),
    changed: (runs) => sendChanged(link, runs),
    stop: (runs) => stopRuns(link, runs),
    wake: (instanceIds) => {
      for (const instanceId of instanceIds) {
        const session = link.byInstance.get(instanceId);
        if (session?.state === "welcoming") session.missed = true;
        else if (session) track(link, pull(link, session), { instanceId });
      }
    },
    dismiss: (instanceId) => {
      const session = link.byInstance.get(instanceId);
      if (session) dismiss(link, session, instanceId);
    },
    upgrade: (request, socket, head) => {
      const { admitted, bucket } = takeToken(
        link.bucket,
        context.clock.elapsed(),
        context.config.admissionPerSecond,
        context.config.admissionPerSecond,
      );
      if (pathOf(request) !== LINK_PATH)
        return answer(socket, 404, "InvalidAction.NotFound", "There is no such connection here.");
      if (link.closing || !admitted) {
        link.counters.notAdmitted++;
        return answer(socket, 503, "ServiceUnavailable", "Come back in a moment.", "Retry-After: 1\r\n");
      }
      link.bucket = bucket;
      const address = request.socket.remoteAddress ?? "";
      sockets.handleUpgrade(request, socket, head, (accepted) => open(link, accepted, socket, address));
    },
    close: async () => {
      link.closing = true;
      sweeping.abort();
      await swept;
      saveSeen(link);
      for (const session of link.sessions) closeSession(link, session, CLOSE_CODES.goingAway, "shutting down");
      await drained(link);
      for (const session of link.sessions) session.socket.terminate();
      while (link.working.size > 0) await Promise.all(link.working);
    },
  };
}

function open(link: Link, socket: WebSocket, stream: Duplex, address: string): void {
  const session = createSession(link, socket, stream, address);
  link.sessions.add(session);
  link.counters.connections++;
  socket.on("message", (data, isBinary) => receive(link, session, data as Buffer, isBinary));
  socket.on("pong", () => {
    session.heardMs = link.context.clock.elapsed();
  });
  socket.on("error", (error) => {
    link.counters.badFrames++;
    link.context.log.debug({ instanceId: session.instanceId, address, err: error }, "connection broken");
  });
  socket.on("close", () => {
    link.sessions.delete(session);
    if (session.state !== "closed") leave(link, session);
  });
  challenge(session);
}

/** Resolves when all sessions are gone, or after a time: a peer that does not answer is not waited for. */
async function drained(link: Link): Promise<void> {
  const waiting = new AbortController();
  const gone = Promise.all(
    [...link.sessions].map(({ socket }) => new Promise((resolve) => socket.once("close", resolve))),
  );
  await Promise.race([gone, link.context.clock.sleep(DRAIN_MS, waiting.signal).catch(() => undefined)]);
  waiting.abort();
}

function pathOf({ url = "/" }: IncomingMessage): string {
  return url.split("?", 1)[0] ?? "/";
}

function answer(socket: Duplex, status: number, Code: string, Message: string, header = ""): void {
  const body = JSON.stringify({ Code, Message });
  socket.on("error", () => socket.destroy());
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nConnection: close\r\nContent-Type: application/json;charset=utf-8\r\n${header}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
}
