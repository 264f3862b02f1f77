import { createHmac, timingSafeEqual } from "node:crypto";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import {
  REGISTER_PATH,
  RegisterPayload,
  RegisterRequest,
  SERVER_KEY_PATH,
  ServerKeyRequest,
} from "@cloud-assistant/shared/protocol/registration";
import type { Context } from "../context.ts";
import { mayRegister } from "../domain/activation.ts";
import { activationCodePurpose } from "../domain/seal-purposes.ts";
import type { Activation, Instance, Tag } from "../store/store.ts";
import { RateLimit } from "./admission.ts";
import { parseJson } from "./json.ts";
import { ServerNonces } from "./server-nonces.ts";

/** A register request is a payload of 16 KiB, escaped, and a proof. Bytes. */
const MAX_BODY_BYTES = 48 * 1024;
/** Seconds' worth of requests an address may make at once. */
const BURST_SECONDS = 5;
const MAX_ADDRESSES = 10_000;

type Registrar = Pick<Context, "config" | "store" | "keys" | "clock" | "ids" | "log">;

/** The two requests of `shared/src/protocol/registration.ts`. */
export function registerRoutes(app: FastifyInstance, context: Registrar): void {
  const { clock, config, ids } = context;
  const nonces = new ServerNonces(ids.nonce);
  const rate = new RateLimit(
    config.registrationsPerSecond,
    config.registrationsPerSecond * BURST_SECONDS,
    MAX_ADDRESSES,
  );
  app.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser("*", { parseAs: "string", bodyLimit: MAX_BODY_BYTES }, (_request, body, done) =>
      done(null, parseJson(String(body))),
    );
    scope.addHook("onRequest", async (request, reply) => {
      if (rate.admits(request.ip, clock.elapsed())) return;
      await say(
        reply.header("retry-after", "1"),
        429,
        "Throttling",
        "Too many registrations from this address: try again in a second.",
      );
    });
    scope.post(SERVER_KEY_PATH, (request, reply) => {
      const asked = ServerKeyRequest.safeParse(request.body);
      if (!asked.success) return malformed(reply);
      const answer = {
        publicKey: context.keys.publicKey,
        agentNonce: asked.data.nonce,
        serverNonce: nonces.issue(clock.elapsed()),
      };
      return signed(reply, context, "serverKey", answer);
    });
    scope.post(REGISTER_PATH, (request, reply) => register(context, nonces, request, reply));
  });
}

async function register(
  context: Registrar,
  nonces: ServerNonces,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const asked = RegisterRequest.safeParse(request.body);
  const payload = asked.success ? RegisterPayload.safeParse(parseJson(asked.data.payload)) : asked;
  if (!asked.success || !payload.success) return malformed(reply);
  const { activationId, serverNonce } = payload.data;
  const refuse = (reason: string): FastifyReply => {
    context.log.warn({ activationId, address: request.ip, reason }, "registration refused");
    return say(
      reply,
      403,
      "RegistrationRefused",
      "The registration was refused: check the activation's id, code, expiry, count and address range.",
    );
  };
  if (!nonces.use(serverNonce, context.clock.elapsed())) return refuse("nonce");
  const activation = await context.store.activations.find(activationId);
  if (!isProven(context, activation, asked.data.payload, asked.data.proof))
    return refuse(activation ? "proof" : "unknown activation");
  const atMs = context.clock.now();
  if (!mayRegister(activation, request.ip, atMs)) return refuse("activation disabled, expired or not for this address");
  const { result, instance } = await context.store.instances.register(
    toInstance(context, activation, payload.data, request.ip, atMs),
    atMs,
  );
  if (!instance || (result !== "registered" && result !== "known")) return refuse(result);
  const { instanceId } = instance;
  context.log.info({ instanceId, activationId, address: request.ip, result }, "instance registered");
  return signed(reply, context, "registered", { instanceId, publicKey: payload.data.publicKey, serverNonce });
}

/** An unknown activation costs the same HMAC, so that the time of the answer tells nothing. */
function isProven(
  { keys, ids }: Registrar,
  activation: Activation | undefined,
  payload: string,
  proof: string,
): activation is Activation {
  const code = activation
    ? keys.unseal(activationCodePurpose(activation.activationId), activation.sealedCode)
    : ids.activationCode();
  const expected = createHmac("sha256", code).update(payload).digest();
  const given = Buffer.from(proof, "base64");
  return given.length === expected.length && timingSafeEqual(given, expected) && activation !== undefined;
}

function toInstance(
  { ids }: Registrar,
  activation: Activation,
  asked: RegisterPayload,
  address: string,
  atMs: number,
): Instance {
  return {
    instanceId: ids.instanceId(),
    accountId: activation.accountId,
    regionId: activation.regionId,
    activationId: activation.activationId,
    instanceName: asked.instanceName ?? "",
    publicKey: asked.publicKey,
    sealKey: asked.sealKey,
    host: asked.host,
    internetIp: address,
    registeredMs: atMs,
    lastSeenMs: atMs,
    invocationCount: 0,
    activeCount: 0,
    resourceGroupId: activation.resourceGroupId,
    tags: mergeTags(activation.tags, asked.tags),
  };
}

/** The host's own word on a key wins over the activation's. */
function mergeTags(given: readonly Tag[], own: readonly Tag[]): Tag[] {
  return [...new Map([...given, ...own].map((tag) => [tag.key, tag])).values()];
}

function signed(
  reply: FastifyReply,
  { keys }: Registrar,
  purpose: "serverKey" | "registered",
  answer: object,
): FastifyReply {
  const payload = JSON.stringify(answer);
  return reply
    .code(200)
    .type("application/json")
    .send(JSON.stringify({ payload, signature: keys.sign(purpose, payload) }));
}

function malformed(reply: FastifyReply): FastifyReply {
  return say(
    reply,
    400,
    "InvalidRegistration",
    "The request is not a registration this control plane understands: the agent may be too old or too new.",
  );
}

function say(reply: FastifyReply, status: number, Code: string, Message: string): FastifyReply {
  return reply.code(status).type("application/json").send(JSON.stringify({ Code, Message }));
}
