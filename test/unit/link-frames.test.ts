import { generateKeyPairSync, sign } from "node:crypto";
import { HELLO_MAX_RUNS, judgeWelcome, makeHello } from "@cloud-assistant/agent/handshake";
import { judgeOrder } from "@cloud-assistant/agent/order-verdict";
import { isSignedBy } from "@cloud-assistant/agent/proof";
import { readServerFrame } from "@cloud-assistant/agent/server-frame";
import { MAX_FRAME_BYTES } from "@cloud-assistant/shared/limits";
import { signedText, type SigningContext } from "@cloud-assistant/shared/protocol/contexts";
import { HelloPayload } from "@cloud-assistant/shared/protocol/frames";
import * as fc from "fast-check";
import { expect, test } from "vitest";

const server = generateKeyPairSync("ed25519");
const stranger = generateKeyPairSync("ed25519");
const nonce = Buffer.alloc(32, 1).toString("base64");
const otherNonce = Buffer.alloc(32, 2).toString("base64");
const seal = (context: SigningContext, body: unknown, { privateKey } = server) => {
  const payload = typeof body === "string" ? body : JSON.stringify(body);
  return { payload, signature: sign(null, Buffer.from(signedText(context, payload)), privateKey).toString("base64") };
};
const welcome = {
  protocol: 1,
  instanceId: "mi-1",
  agentNonce: nonce,
  serverTimeMs: 1,
  heartbeatMs: 10,
  silenceMs: 20,
  resendMs: 10,
  backoff: { baseMs: 1, capMs: 1 },
  want: [],
  drop: [],
};
const stop = { type: "stop", invokeId: "t-1", iteration: 1, targets: ["mi-1", "mi-2"], expiresMs: 1_000 };

const judgeTheirs = (signed: { payload: string; signature: string }) =>
  judgeWelcome(server.publicKey, { instanceId: "mi-1", agentNonce: nonce }, signed);
const judge = (signed: { payload: string; signature: string }, serverNowMs = 1_000) =>
  judgeOrder(server.publicKey, { instanceId: "mi-1", serverNowMs }, signed);

test("a welcome counts only when the pinned key signed our nonce for us, in its own context", () => {
  expect(judgeTheirs(seal("welcome", welcome))).toEqual({ ok: true, welcome });
  expect(judgeTheirs(seal("welcome", welcome, stranger))).toMatchObject({ ok: false, reason: "forged" });
  expect(judgeTheirs(seal("order", welcome))).toMatchObject({ ok: false, reason: "forged" });
  expect(
    judgeTheirs({ ...seal("welcome", welcome), payload: JSON.stringify({ ...welcome, serverTimeMs: 2 }) }),
  ).toMatchObject({ ok: false, reason: "forged" });
  expect(judgeTheirs(seal("welcome", { ...welcome, agentNonce: otherNonce }))).toMatchObject({
    ok: false,
    reason: "forged",
  });
  expect(judgeTheirs(seal("welcome", { ...welcome, instanceId: "mi-2" }))).toMatchObject({
    ok: false,
    reason: "forged",
  });
  expect(judgeTheirs(seal("welcome", { ...welcome, protocol: 2 }))).toMatchObject({ ok: false, reason: "badVersion" });
  expect(judgeTheirs(seal("welcome", "{"))).toMatchObject({ ok: false, reason: "badVersion" });
});

test("an order counts only when the pinned key signed it for us", () => {
  expect(judge(seal("order", stop))).toEqual({ verdict: "ours", order: stop, expired: false });
  expect(judge(seal("order", stop), 1_001)).toEqual({ verdict: "ours", order: stop, expired: true });
  expect(judge(seal("order", stop, stranger))).toEqual({ verdict: "forged" });
  expect(judge(seal("welcome", stop))).toEqual({ verdict: "forged" });
  expect(judge({ ...seal("order", stop), payload: `${JSON.stringify(stop)} ` })).toEqual({ verdict: "forged" });
  expect(judge(seal("order", { ...stop, targets: ["mi-2"] }))).toEqual({ verdict: "foreign" });
  expect(judge(seal("order", { ...stop, invokeId: "t-1/../../x" }))).toEqual({ verdict: "unreadable" });
  expect(judge(seal("order", "nothing"))).toEqual({ verdict: "unreadable" });
});

test("frames: known ones are read, later ones ignored, the rest is broken; nothing throws", () => {
  expect(readServerFrame('{"type":"ack","ids":["a"],"later":1}')).toEqual({
    kind: "frame",
    frame: { type: "ack", ids: ["a"] },
  });
  expect(readServerFrame('{"type":"tomorrow"}')).toEqual({ kind: "unknown" });
  for (const text of ["", "{", "null", "[]", "7", "{}", '{"type":7}', '{"type":"ack"}', '{"type":"ack","ids":[7]}'])
    expect(readServerFrame(text)).toEqual({ kind: "broken" });
  fc.assert(fc.property(fc.oneof(fc.string(), fc.json()), (text) => void readServerFrame(text)));
});

test("a hello with more runs than fit names the unfinished ones first and stays within a frame", () => {
  const { privateKey, publicKey } = generateKeyPairSync("ed25519");
  const runs = Array.from({ length: HELLO_MAX_RUNS + 500 }, (_, index) => ({
    invokeId: `t-${String(index).padStart(60, "0")}`,
    iteration: 1,
    ended: index < 1_000,
  }));
  const host = {
    hostname: "h".repeat(255),
    osType: "linux" as const,
    osVersion: "o".repeat(255),
    arch: "a",
    intranetIp: "",
    agentVersion: "1",
    machineId: "m",
    fingerprint: "f",
    bootId: "b",
  };
  const hello = makeHello(privateKey, {
    instanceId: "mi-1",
    serverNonce: nonce,
    agentNonce: otherNonce,
    ledgerId: "l",
    host,
    runs,
  });
  if (hello.type !== "hello") throw new Error(`a ${hello.type} is no hello`);
  expect(Buffer.byteLength(JSON.stringify(hello))).toBeLessThan(MAX_FRAME_BYTES);
  expect(isSignedBy(publicKey, "hello", hello.payload, hello.signature)).toBe(true);
  const told = HelloPayload.parse(JSON.parse(hello.payload)).runs;
  expect(told).toHaveLength(HELLO_MAX_RUNS);
  expect(told.filter(({ ended }) => !ended)).toHaveLength(2_500);
});
