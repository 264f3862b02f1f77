import { MAX_FRAME_BYTES } from "@cloud-assistant/shared/limits";
import { CLOSE_CODES } from "@cloud-assistant/shared/protocol/frames";
import { WebSocket, type ClientOptions } from "ws";
import type { LossReason } from "./link-state.ts";
import type { SessionSocket } from "./session.ts";

/** TCP, TLS and the upgrade together, milliseconds. */
const HANDSHAKE_TIMEOUT_MS = 10_000;
/** After our close frame the server may still answer for this long, milliseconds; then the socket is destroyed. */
const CLOSE_TIMEOUT_MS = 2_000;

export type Loss = { readonly reason: LossReason; readonly detail: string; readonly retryAfterMs?: number };

export type LinkSocket = SessionSocket & {
  /** Destroys the connection without a word: the other side would not hear it. */
  drop: (reason: LossReason) => void;
  /** Settles when nothing of the socket is left. Never rejects. */
  readonly lost: Promise<Loss>;
};

type Ears = { onHeard: () => void; onText: (text: string) => void; onBinary: () => void };

export function dial(url: URL, ca: string | undefined, { onHeard, onText, onBinary }: Ears): LinkSocket {
  const options: ClientOptions & { closeTimeout: number } = {
    perMessageDeflate: false,
    maxPayload: MAX_FRAME_BYTES,
    handshakeTimeout: HANDSHAKE_TIMEOUT_MS,
    closeTimeout: CLOSE_TIMEOUT_MS,
    ...(ca === undefined ? {} : { ca }),
  };
  const ws = new WebSocket(url, options);
  let loss: Loss | undefined;
  let wasOpen = false;
  const lost = new Promise<Loss>((resolve) => {
    ws.on("close", (code) => resolve(loss ?? { reason: toLossReason(code), detail: `close code ${code}` }));
  });

  ws.on("unexpected-response", (_request, response) => {
    const { statusCode = 0, headers } = response;
    const retryAfterMs = Number(headers["retry-after"]) * 1000;
    const detail = `HTTP ${statusCode}`;
    loss ??=
      statusCode === 503
        ? { reason: "busy", detail, ...(retryAfterMs > 0 ? { retryAfterMs } : {}) }
        : { reason: "unreachable", detail };
    ws.terminate();
  });
  ws.on("error", (error: Error & { code?: string }) => {
    const whileOpen = error.code?.startsWith("WS_ERR_") ? "badFrame" : "lost"; // WS_ERR_…: not WebSocket, or too long
    loss ??= { reason: wasOpen ? whileOpen : "unreachable", detail: error.message };
  });
  ws.on("open", () => {
    wasOpen = true;
    onHeard();
  });
  ws.on("ping", onHeard);
  ws.on("pong", onHeard);
  ws.on("message", (data, isBinary) => {
    onHeard();
    if (loss) return;
    if (isBinary) onBinary();
    else onText((data as Buffer).toString()); // a Buffer for the default binaryType, "nodebuffer"
  });

  return {
    lost,
    send: (data, written) => {
      if (ws.readyState === WebSocket.OPEN) ws.send(data, (error) => error || written?.());
    },
    bufferedBytes: () => ws.bufferedAmount,
    end: (reason, closeCode) => {
      loss ??= { reason, detail: `ended here with code ${closeCode}` };
      ws.close(closeCode);
    },
    drop: (reason) => {
      loss ??= { reason, detail: "dropped here" };
      ws.terminate();
    },
  };
}

function toLossReason(code: number): LossReason {
  switch (code) {
    case CLOSE_CODES.replaced:
      return "replaced";
    case CLOSE_CODES.unproven:
      return "unproven";
    case CLOSE_CODES.cloned:
      return "cloned";
    case CLOSE_CODES.badVersion:
      return "badVersion";
    case CLOSE_CODES.goingAway:
      return "goingAway";
    default:
      return "lost";
  }
}
