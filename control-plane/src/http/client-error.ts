import type { Socket } from "node:net";
import { ApiError } from "@cloud-assistant/shared/errors";
import { MAX_REQUEST_HEADER_BYTES } from "@cloud-assistant/shared/limits";
import { JSON_TYPE, toErrorBody } from "./envelope.ts";

/** What a peer may still send after it was answered; beyond it the connection is cut. */
const MAX_DRAINED_BYTES = 4 * 1024 * 1024;
/** A peer that is silent for this long after its answer is cut off, milliseconds. */
const DRAIN_MS = 5_000;

/**
 * Answers what Node's parser refuses (431, 400, 408) with the JSON error body too; without it an SDK shows a bare
 * SyntaxError. The rest of the request is read and dropped, as closing on unread bytes would reset the connection before
 * the answer is read.
 */
export function createClientErrorHandler(
  newRequestId: () => string,
): (error: NodeJS.ErrnoException, socket: Socket) => void {
  const answered = new WeakSet<Socket>();
  return (error, socket) => {
    if (answered.has(socket)) {
      if (socket.bytesRead > MAX_DRAINED_BYTES) socket.destroy();
      return;
    }
    if (error.code === "ECONNRESET" || !socket.writable) {
      socket.destroy();
      return;
    }
    answered.add(socket);
    const answer = toApiError(error.code).answerFor(undefined);
    const requestId = newRequestId();
    const body = toErrorBody(answer, requestId, "");
    socket.setTimeout(DRAIN_MS, () => socket.destroy());
    socket.on("error", () => socket.destroy());
    socket.end(
      `HTTP/1.1 ${answer.httpStatus} ${answer.code}\r\nContent-Type: ${JSON_TYPE}\r\nx-acs-request-id: ${requestId}\r\n` +
        `Content-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
    );
    socket.resume();
  };
}

function toApiError(code: string | undefined): ApiError {
  if (code === "HPE_HEADER_OVERFLOW")
    return new ApiError("Request.HeaderTooLarge", { values: [MAX_REQUEST_HEADER_BYTES] });
  if (code === "ERR_HTTP_REQUEST_TIMEOUT") return new ApiError("Request.TimedOut");
  return new ApiError("Request.Malformed");
}
