import type { FastifyReply, FastifyRequest } from "fastify";
import { ApiError, type AccessDenied } from "@cloud-assistant/shared/errors";
import { MAX_REQUEST_BODY_BYTES } from "@cloud-assistant/shared/limits";

/** With this exact type; XML is read from nothing else, JSON from anything (wire-facts 5). */
export const JSON_TYPE = "application/json;charset=utf-8";

/** The error body of every path. `answered` carries the action's own text and status where it has one. */
export function toErrorBody(
  error: { code: string; message: string; accessDenied?: AccessDenied | undefined },
  requestId: string,
  host: string,
): string {
  return JSON.stringify({
    RequestId: requestId,
    HostId: host,
    Code: error.code,
    Message: error.message,
    Recommend: `docs/errors.md#${error.code}`,
    ...(error.accessDenied && { AccessDeniedDetail: error.accessDenied }),
  });
}

export function sendError(
  request: FastifyRequest,
  reply: FastifyReply,
  error: ApiError,
  action?: string,
): FastifyReply {
  const { httpStatus, ...answer } = error.answerFor(action);
  return sendJson(reply.code(httpStatus), request.id, toErrorBody(answer, request.id, request.headers.host ?? ""));
}

export function sendJson(reply: FastifyReply, requestId: string, body: string): FastifyReply {
  return reply.header("content-type", JSON_TYPE).header("x-acs-request-id", requestId).send(body);
}

/** What a caller may see of an error: ours as they are, the HTTP layer's by its codes, undefined for anything else. */
export function toApiError(error: unknown): ApiError | undefined {
  if (error instanceof ApiError) return error;
  const { code, statusCode } = error as { code?: string; statusCode?: number };
  if (code === "FST_ERR_CTP_BODY_TOO_LARGE") {
    return new ApiError("Request.BodyTooLarge", { values: [MAX_REQUEST_BODY_BYTES], cause: error });
  }
  const ofCaller = code?.startsWith("FST_ERR_") && statusCode !== undefined && statusCode >= 400 && statusCode < 500;
  return ofCaller ? new ApiError("Request.Malformed", { cause: error }) : undefined;
}
