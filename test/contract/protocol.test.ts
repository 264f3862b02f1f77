import { createHmac, createPublicKey, verify } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { signedText, type SigningContext } from "@cloud-assistant/shared/protocol/contexts";
import {
  AgentFrame,
  HelloPayload,
  PROTOCOL_VERSION,
  ServerFrame,
  WelcomePayload,
} from "@cloud-assistant/shared/protocol/frames";
import { Order } from "@cloud-assistant/shared/protocol/orders";
import { decodeOutputFrame, encodeOutputFrame } from "@cloud-assistant/shared/protocol/output-frame";
import {
  RegisterAnswer,
  RegisterAnswerPayload,
  RegisterPayload,
  RegisterRequest,
  ServerKeyAnswer,
  ServerKeyPayload,
  ServerKeyRequest,
} from "@cloud-assistant/shared/protocol/registration";
import { describe, expect, test } from "vitest";
import type { z } from "zod";

/** Frames as released versions wrote them. They are never edited: what reads them today must read them for ever. */
const DIRECTORY = join(import.meta.dirname, "../fixtures/protocol");

type Golden = {
  protocol: number;
  keys: { server: string; agent: string };
  activationCode: string;
  registration: Record<"serverKeyRequest" | "serverKeyAnswer" | "registerRequest" | "registerAnswer", string>;
  server: Record<string, string>;
  agent: Record<string, string>;
  output: { hex: string; invokeId: string; iteration: number; offset: number; bytesHex: string };
};
const goldens = readdirSync(DIRECTORY).map((name) => JSON.parse(readFileSync(join(DIRECTORY, name), "utf8")) as Golden);

/** Reads without loss: every key that was written is known. */
function readWhole<T>(schema: z.ZodType<T>, text: string): T {
  const value = schema.parse(JSON.parse(text));
  expect(value).toEqual(JSON.parse(text));
  return value;
}

function isSigned(
  publicKey: string,
  context: SigningContext,
  { payload, signature }: { payload: string; signature: string },
): boolean {
  const key = createPublicKey({
    key: { kty: "OKP", crv: "Ed25519", x: Buffer.from(publicKey, "base64").toString("base64url") },
    format: "jwk",
  });
  return verify(null, Buffer.from(signedText(context, payload)), key, Buffer.from(signature, "base64"));
}

test("there are golden frames of the version spoken today", () => {
  expect(goldens.map(({ protocol }) => protocol)).toContain(PROTOCOL_VERSION);
});

describe.each(goldens)("protocol $protocol", (golden) => {
  test.each(Object.entries(golden.server))("server frame %s", (_name, text) => {
    const frame = readWhole(ServerFrame, text);
    if (frame.type !== "welcome" && frame.type !== "order") return;
    readWhole<unknown>(frame.type === "welcome" ? WelcomePayload : Order, frame.payload);
    expect(isSigned(golden.keys.server, frame.type, frame)).toBe(true);
  });

  test.each(Object.entries(golden.agent))("agent frame %s", (_name, text) => {
    const frame = readWhole(AgentFrame, text);
    if (frame.type !== "hello") return;
    readWhole(HelloPayload, frame.payload);
    expect(isSigned(golden.keys.agent, "hello", frame)).toBe(true);
  });

  test("registration", () => {
    const { registration, keys, activationCode } = golden;
    readWhole(ServerKeyRequest, registration.serverKeyRequest);
    const serverKey = readWhole(ServerKeyAnswer, registration.serverKeyAnswer);
    readWhole(ServerKeyPayload, serverKey.payload);
    expect(isSigned(keys.server, "serverKey", serverKey)).toBe(true);
    const request = readWhole(RegisterRequest, registration.registerRequest);
    readWhole(RegisterPayload, request.payload);
    expect(createHmac("sha256", activationCode).update(request.payload).digest("base64")).toBe(request.proof);
    const answer = readWhole(RegisterAnswer, registration.registerAnswer);
    readWhole(RegisterAnswerPayload, answer.payload);
    expect(isSigned(keys.server, "registered", answer)).toBe(true);
  });

  test("output frame", () => {
    const { hex, bytesHex, ...run } = golden.output;
    const frame = { ...run, bytes: new Uint8Array(Buffer.from(bytesHex, "hex")) };
    expect(Buffer.from(encodeOutputFrame(frame)).toString("hex")).toBe(hex);
    expect(decodeOutputFrame(new Uint8Array(Buffer.from(hex, "hex")))).toEqual(frame);
  });
});
