import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "@cloud-assistant/agent/clock";
import { identityFile, readIdentity, requireIdentity } from "@cloud-assistant/agent/identity";
import { registerAgent, type Registration } from "@cloud-assistant/agent/register";
import { afterEach, beforeEach, expect, test } from "vitest";
import { FAKE_ACTIVATION, FakeServer } from "../support/fake-server.ts";

let server: FakeServer;
let stateDir: string;
beforeEach(async () => {
  server = await FakeServer.start();
  stateDir = mkdtempSync(join(tmpdir(), "register-"));
});
afterEach(async () => {
  await server.close();
  rmSync(stateDir, { recursive: true });
});

const register = (overrides: Partial<Registration> = {}) =>
  registerAgent({
    server: server.url,
    serverKey: server.fingerprint,
    ...FAKE_ACTIVATION,
    stateDir,
    clock: systemClock,
    ...overrides,
  });

test("a registration makes an identity, and the code stays secret", async () => {
  const tags = [{ key: "rack", value: "7" }];
  const { instanceId } = await register({ instanceName: "lab-1", tags });
  expect(requireIdentity(stateDir)).toMatchObject({
    status: "complete",
    instanceId,
    server: server.url,
    serverPublicKey: server.publicKey,
  });
  expect(server.registrations).toMatchObject([{ instanceName: "lab-1", tags }]);
  expect(readFileSync(identityFile(stateDir), "utf8")).not.toContain(FAKE_ACTIVATION.activationCode);
  await expect(register()).rejects.toThrow(
    /this host is mi-fake1 of .* already; to start over, stop the agent, move .*identity\.json away/,
  );
});

test("a lost answer costs nothing: the same keys are sent again and the instance is the same", async () => {
  server.registrationFault = "lose the answer";
  await expect(register()).rejects.toThrow(/cannot be reached .*run the same command again/);
  expect(readIdentity(stateDir)).toMatchObject({ status: "pending" });
  server.registrationFault = undefined;
  expect(await register()).toEqual({ instanceId: "mi-fake1" });
  expect(server.registrations).toHaveLength(2);
  expect(new Set(server.registrations.map(({ publicKey, sealKey }) => publicKey + sealKey)).size).toBe(1);
});

test("another activation after an unfinished registration gets keys of its own", async () => {
  server.registrationFault = "lose the answer";
  await expect(register()).rejects.toThrow(/cannot be reached/);
  const other = readIdentity(stateDir);
  server.registrationFault = undefined;
  await expect(register({ activationId: "11111111-1111-1111-1111-111111111111" })).rejects.toThrow(/refused/);
  expect(readIdentity(stateDir)?.proofKey).not.toBe(other?.proofKey);
});

test("a wrong fingerprint ends it before anything of this host is sent", async () => {
  await expect(register({ serverKey: `sha256:${"0".repeat(64)}` })).rejects.toThrow(
    new RegExp(`has the key ${server.fingerprint}, not sha256:0{64}`),
  );
  expect(server.requests).toEqual(["POST /agent/v1/server-key"]);
  expect(readIdentity(stateDir)).toBeUndefined();
});

test("plain HTTP to another machine without a fingerprint is refused before anything is sent", async () => {
  await expect(register({ server: "http://192.0.2.1:8080", serverKey: undefined })).rejects.toThrow(
    /plain HTTP on another machine.*--server-key/,
  );
  expect(await register({ serverKey: undefined })).toEqual({ instanceId: "mi-fake1" }); // loopback
});

test.each([
  ["sign with another key", /not signed by the key it showed/],
  ["answer another host", /another registration/],
  ["refuse", /refused the registration \(Forbidden\.Activation: .*activation create/],
] as const)("a server that does this leaves no identity: %s", async (fault, message) => {
  server.registrationFault = fault;
  await expect(register()).rejects.toThrow(message);
  expect(() => requireIdentity(stateDir)).toThrow(/not finished/);
});

test("a replayed server key is refused", async () => {
  server.registrationFault = "replay the server key";
  await register();
  rmSync(identityFile(stateDir));
  await expect(register()).rejects.toThrow(/an old answer, replayed/);
});

test("what cannot be right is told before anything is sent", async () => {
  await expect(register({ serverKey: "md5:1" })).rejects.toThrow(
    /serverKey is not right: wanted: sha256: and 64 hex digits/,
  );
  await expect(register({ instanceName: "7 dwarfs" })).rejects.toThrow(/instanceName/);
  await expect(register({ activationId: "x" })).rejects.toThrow(/activationId/);
  await expect(register({ server: "127.0.0.1:80" })).rejects.toThrow(/server address/);
  expect(server.requests).toEqual([]);
  await expect(register({ server: server.url.replace(/\d+$/, "1") })).rejects.toThrow(/cannot be reached/);
});
