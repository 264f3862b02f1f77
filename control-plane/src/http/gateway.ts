import { Readable } from "node:stream";
import type { FastifyReply, FastifyRequest } from "fastify";
import { foldName, nestParameters, type Nested } from "@cloud-assistant/shared/api/flatten";
import { ApiError } from "@cloud-assistant/shared/errors";
import { LineStream, type Action, type Call } from "../actions/action.ts";
import { ACTIONS } from "../actions/index.ts";
import type { Context } from "../context.ts";
import type { OnControlPlaneStep } from "../steps.ts";
import { readApiRequest, requireParameter, type ApiRequest } from "./api-request.ts";
import { authenticate } from "./authenticate.ts";
import { Credentials } from "./credentials.ts";
import { sendError, sendJson, toApiError } from "./envelope.ts";
import { Nonces } from "./nonces.ts";
import { byName } from "./signature-v1.ts";

/** What says who asks and when, but not what for. */
const COMMON = new Set(
  "Action Version Format AccessKeyId Signature SignatureMethod SignatureVersion SignatureNonce SignatureType Timestamp SecurityToken BearerToken".split(
    " ",
  ),
);

export type Gateway = {
  /** Loads the nonces that survived a crash; nothing is answered before. */
  start: () => Promise<void>;
  handle: (request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply>;
  /** Ends the answers that would go on for ever. */
  stop: () => void;
};

/** Request → caller → action → answer. */
export function createGateway(context: Context, onStep: OnControlPlaneStep): Gateway {
  const { clock, store } = context;
  const log = context.log.child({ component: "gateway" });
  const credentials = new Credentials(context);
  const nonces = new Nonces();
  const stopping = new AbortController();

  async function answer(request: FastifyRequest, reply: FastifyReply, asked: ApiRequest): Promise<FastifyReply> {
    const action = findAction(asked);
    const nowMs = clock.now();
    const { caller, nonce } = await authenticate(asked, { credentials, nonces, keys: context.keys, nowMs });
    const fields = { requestId: request.id, action: action.name };
    onStep("request received", fields);
    const call: Call = {
      action: action.name,
      caller,
      sourceIp: toSourceIp(request.ip),
      request: nonce,
      requestId: request.id,
      host: request.headers.host ?? "",
      // keyed, as some parameters are secrets that could be guessed from a plain hash of them
      parametersHash: () => context.keys.mac("parameters", canonicalParameters(asked.parameters)),
      committed: () => onStep("request committed", fields),
    };
    const parameters = nestParameters(asked.parameters);
    const result = await action.run(context, parameters, call);
    if (result instanceof LineStream) return sendLines(request, reply, result, admittance(action, parameters, call));
    reply.raw.once("finish", () => onStep("answer sent", fields));
    return sendJson(reply, request.id, JSON.stringify({ RequestId: request.id, ...result }));
  }

  /** Whether a call may go on. The action is asked anew only when keys, users or policies are others than before. */
  function admittance(
    action: Action,
    parameters: Readonly<Record<string, Nested>>,
    call: Call,
  ): () => Promise<boolean> {
    let admitted = call.caller;
    return async () => {
      const caller = await credentials.findWorking(admitted.accessKeyId, clock.now());
      if (!caller || caller === admitted) return caller !== undefined;
      try {
        await action.admit(context, parameters, { ...call, caller });
      } catch (error) {
        if (error instanceof ApiError) return false;
        throw error;
      }
      admitted = caller;
      return true;
    };
  }

  function sendLines(
    request: FastifyRequest,
    reply: FastifyReply,
    lines: LineStream,
    isAdmitted: () => Promise<boolean>,
  ): FastifyReply {
    const gone = new AbortController();
    reply.raw.once("close", () => gone.abort());
    const opened = lines.open(AbortSignal.any([gone.signal, stopping.signal]));
    const stream = Readable.from(
      whileAdmitted(opened, isAdmitted, () => {
        log.info({ requestId: request.id }, "answer ended: its caller may not have it any more");
        reply.raw.destroy();
      }),
    );
    stream.once("error", (error) => {
      log.error({ err: error, requestId: request.id }, "answer broke off");
      reply.raw.destroy(); // the status is sent already; a cut connection is what tells the caller
    });
    return reply.header("content-type", "application/x-ndjson").header("x-acs-request-id", request.id).send(stream);
  }

  return {
    start: async () => {
      const nowMs = clock.now();
      for (const nonce of await store.nonces.listUnexpired(nowMs)) nonces.take(nonce, nowMs);
    },
    handle: async (request, reply) => {
      let action: string | undefined;
      try {
        const body = request.body instanceof Uint8Array ? request.body : new Uint8Array();
        const asked = readApiRequest(request.raw, body);
        action = asked.action;
        return await answer(request, reply, asked);
      } catch (error) {
        const known = toApiError(error);
        if (known && known.httpStatus < 500) return sendError(request, reply, known, action);
        log.error({ err: error, requestId: request.id, action }, "request failed");
        return sendError(request, reply, known ?? new ApiError("InternalError"), action);
      }
    },
    stop: () => stopping.abort(),
  };
}

/** Nothing more is told once the caller's key, or the permission, is gone. */
async function* whileAdmitted(
  lines: AsyncIterable<string>,
  isAdmitted: () => Promise<boolean>,
  refuse: () => void,
): AsyncGenerator<string> {
  for await (const line of lines) {
    if (!(await isAdmitted())) return refuse();
    yield line;
  }
}

function findAction({ action, version }: ApiRequest): Action {
  requireParameter("Action", action);
  const ofVersion = ACTIONS.get(requireParameter("Version", version));
  if (!ofVersion) throw new ApiError("InvalidVersion");
  const found = ofVersion.get(action);
  if (!found) throw new ApiError("InvalidAction.NotFound");
  return found;
}

/** An IPv4 address that reached a socket for both kinds is still an IPv4 address. */
function toSourceIp(address: string): string {
  return /^::ffff:(?=\d+\.)/i.test(address) ? address.slice("::ffff:".length) : address;
}

function canonicalParameters(parameters: ReadonlyMap<string, string>): string {
  const asked = [...parameters]
    .map(([name, value]) => [foldName(name), value] as const)
    .filter(([name]) => !COMMON.has(name));
  return JSON.stringify(asked.toSorted(byName));
}
