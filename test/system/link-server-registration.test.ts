import { createHmac, createPublicKey, verify } from "node:crypto";
import { signedText, type SigningContext } from "@cloud-assistant/shared/protocol/contexts";
import { REGISTER_PATH, SERVER_KEY_PATH } from "@cloud-assistant/shared/protocol/registration";
import { afterAll, beforeAll, expect, test } from "vitest";
import { makeHost, makeKeyPair, makeNonce, registerFakeAgent } from "../support/fake-agent.ts";
import { startTestServer, type Activated, type TestServer } from "../support/server.ts";

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());

type Signed = { payload: string; signature: string };
async function post(path: string, body: unknown): Promise<{ status: number; answer: Record<string, string> }> {
  const response = await fetch(`${server.endpoint}${path}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  return { status: response.status, answer: (await response.json()) as Record<string, string> };
}

async function askNonce(): Promise<string> {
  const { answer } = await post(SERVER_KEY_PATH, { nonce: makeNonce() });
  return (JSON.parse(answer["payload"] ?? "") as { serverNonce: string }).serverNonce;
}

async function request(
  { activationId, activationCode }: Activated,
  changes: Record<string, unknown> = {},
): Promise<{ payload: string; proof: string }> {
  const payload = JSON.stringify({
    serverNonce: await askNonce(),
    activationId,
    publicKey: makeKeyPair().publicKey,
    sealKey: makeNonce(),
    host: makeHost("new"),
    tags: [],
    ...changes,
  });
  return { payload, proof: createHmac("sha256", activationCode).update(payload).digest("base64") };
}

function isSigned(context: SigningContext, { payload, signature }: Signed, publicKey: string): boolean {
  const key = createPublicKey({
    key: { kty: "OKP", crv: "Ed25519", x: Buffer.from(publicKey, "base64").toString("base64url") },
    format: "jwk",
  });
  return verify(null, Buffer.from(signedText(context, payload)), key, Buffer.from(signature, "base64"));
}

const REFUSED = { status: 403, answer: { Code: "RegistrationRefused", Message: expect.any(String) } };

test("the server proves its key over the agent's nonce, and answers a registration under the same key", async () => {
  const nonce = makeNonce();
  const { answer } = await post(SERVER_KEY_PATH, { nonce });
  const { publicKey, agentNonce } = JSON.parse(answer["payload"] ?? "") as { publicKey: string; agentNonce: string };
  expect(agentNonce).toBe(nonce);
  expect(isSigned("serverKey", answer as Signed, publicKey)).toBe(true);
  const registered = await post(REGISTER_PATH, await request(await server.activate()));
  expect(registered.status).toBe(200);
  expect(isSigned("registered", registered.answer as Signed, publicKey)).toBe(true);
  expect(isSigned("serverKey", registered.answer as Signed, publicKey)).toBe(false);
});

test("the same keys are the same instance, however often they register", async () => {
  const activation = await server.activate({ InstanceCount: 1 });
  const { privateKey } = makeKeyPair();
  const first = await registerFakeAgent(server.endpoint, activation, { privateKey });
  const again = await registerFakeAgent(server.endpoint, activation, { privateKey });
  expect(again.instanceId).toBe(first.instanceId);
  await expect(registerFakeAgent(server.endpoint, activation)).rejects.toThrow("403");
});

test("a wrong code, an unknown activation, a used or foreign nonce and a wrong address are refused in the same words", async () => {
  const activation = await server.activate();
  const elsewhere = await server.activate({ IpAddressRange: "192.0.2.0/24" });
  const used = await request(activation);
  expect((await post(REGISTER_PATH, used)).status).toBe(200);
  const changed = await request(activation);
  const refused = [
    await request({ ...activation, activationCode: "a-wrong" }),
    await request({ ...activation, activationId: "00000000-0000-4000-8000-000000000000" }),
    used,
    await request(activation, { serverNonce: makeNonce() }),
    await request(elsewhere),
    { ...changed, payload: changed.payload.replace(/"publicKey":"[^"]+"/, `"publicKey":"${makeKeyPair().publicKey}"`) },
  ];
  const answers = await Promise.all(refused.map((body) => post(REGISTER_PATH, body)));
  for (const answer of answers) expect(answer).toEqual(REFUSED);
  expect(new Set(answers.map(({ answer }) => answer["Message"])).size).toBe(1);
});

test("what is not a registration is told so, and the code is in no log", async () => {
  for (const body of [{}, { payload: "{}", proof: "x" }, null, [], { payload: 7 }]) {
    expect(await post(REGISTER_PATH, body)).toMatchObject({ status: 400, answer: { Code: "InvalidRegistration" } });
  }
  expect((await post(SERVER_KEY_PATH, { nonce: "short" })).status).toBe(400);
  const activation = await server.activate();
  await registerFakeAgent(server.endpoint, activation);
  expect(server.logged()).toContain("instance registered");
  expect(server.logged()).not.toContain(activation.activationCode);
});

test("names and tags come from the host, else from the activation", async () => {
  const activation = await server.activate({
    InstanceName: "rack",
    InstanceCount: 5,
    "Tag.1.Key": "site",
    "Tag.1.Value": "lab",
  });
  const named = JSON.parse(
    (
      await post(
        REGISTER_PATH,
        await request(activation, { instanceName: "db1", tags: [{ key: "role", value: "db" }] }),
      )
    ).answer["payload"] ?? "",
  ) as { instanceId: string };
  const plain = await registerFakeAgent(server.endpoint, activation);
  const { Instances } = await server.call("DescribeManagedInstances", {
    InstanceId: [named.instanceId, plain.instanceId],
  });
  const byId = new Map(
    (Instances as { InstanceId: string; InstanceName: string; Tags: unknown[] }[]).map((instance) => [
      instance.InstanceId,
      instance,
    ]),
  );
  expect(byId.get(named.instanceId)).toMatchObject({ InstanceName: "db1" });
  expect(byId.get(named.instanceId)?.Tags).toHaveLength(2);
  expect(byId.get(plain.instanceId)?.InstanceName).toBe("rack-002");
});

test("an address that asks too often is slowed down", async () => {
  const slow = await startTestServer({ settings: { registrationsPerSecond: 1 } });
  const statuses = await Promise.all(
    Array.from(
      { length: 20 },
      async () =>
        (
          await fetch(`${slow.endpoint}${SERVER_KEY_PATH}`, {
            method: "POST",
            body: JSON.stringify({ nonce: makeNonce() }),
          })
        ).status,
    ),
  );
  expect(statuses.filter((status) => status === 429).length).toBeGreaterThan(5);
  expect(statuses.filter((status) => status === 200).length).toBeGreaterThanOrEqual(5);
  await slow.close();
});
