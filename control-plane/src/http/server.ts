import { fastify, type FastifyInstance } from "fastify";
import { ApiError } from "@cloud-assistant/shared/errors";
import { MAX_REQUEST_BODY_BYTES, MAX_REQUEST_HEADER_BYTES } from "@cloud-assistant/shared/limits";
import type { Context } from "../context.ts";
import type { OnControlPlaneStep } from "../steps.ts";
import { createClientErrorHandler } from "./client-error.ts";
import { sendError, sendJson, toApiError } from "./envelope.ts";
import { createGateway } from "./gateway.ts";

/** A request must have arrived whole after this long, milliseconds; SDKs give up after 3 s themselves (wire-facts 0). */
const REQUEST_TIMEOUT_MS = 60_000;

/** Answers under way when we close get this long, milliseconds. */
const DRAIN_MS = 1_000;

export type ApiServerOptions = {
  readonly onStep?: OnControlPlaneStep;
  /** Adds routes that are not the API's, such as the agents'. */
  readonly register?: (app: FastifyInstance) => void;
};

/** The HTTP side of the control plane; the caller listens and closes. */
export function createApiServer(context: Context, options: ApiServerOptions = {}): FastifyInstance {
  const gateway = createGateway(context, options.onStep ?? (() => undefined));
  const app = fastify({
    logger: false,
    http: { maxHeaderSize: MAX_REQUEST_HEADER_BYTES },
    bodyLimit: MAX_REQUEST_BODY_BYTES,
    requestTimeout: REQUEST_TIMEOUT_MS,
    exposeHeadRoutes: false,
    genReqId: () => context.ids.requestId(),
    requestIdHeader: false,
    clientErrorHandler: createClientErrorHandler(() => context.ids.requestId()),
    frameworkErrors: (error, request, reply) =>
      sendError(request, reply, toApiError(error) ?? new ApiError("Request.Malformed")),
    // the gateway reads the query itself, once, as the signature needs it
    routerOptions: { querystringParser: () => ({}) },
  });
  app.setNotFoundHandler((request, reply) => sendError(request, reply, new ApiError("InvalidAction.NotFound")));
  app.setErrorHandler((error, request, reply) => {
    const known = toApiError(error);
    if (!known) context.log.error({ err: error, requestId: request.id }, "request failed");
    return sendError(request, reply, known ?? new ApiError("InternalError"));
  });
  app.addHook("onReady", gateway.start);
  drainOnClose(app, gateway.stop);
  app.get("/healthz", (request, reply) => sendJson(reply, request.id, '{"status":"ok"}'));
  app.register(async (api) => {
    api.removeAllContentTypeParsers();
    api.addContentTypeParser("*", { parseAs: "buffer" }, (_request, body, done) => done(null, body));
    api.route({ method: ["GET", "POST"], url: "/", handler: gateway.handle });
  });
  options.register?.(app);
  return app;
}

/**
 * Lets answers under way finish and then closes their connections; fastify closes only those that are idle at that moment.
 * What is left then never asked anything (clients open spare connections) or takes too long.
 */
function drainOnClose(app: FastifyInstance, stopStreams: () => void): void {
  let closing = false;
  app.addHook("preClose", (done) => {
    closing = true;
    stopStreams();
    // a real timer whatever clock we were given: it bounds a wait for the network
    const timer = setTimeout(() => app.server.closeAllConnections(), DRAIN_MS).unref();
    app.server.once("close", () => clearTimeout(timer));
    done();
  });
  app.addHook("onResponse", (request, _reply, done) => {
    if (closing) request.raw.socket.destroySoon();
    done();
  });
}
