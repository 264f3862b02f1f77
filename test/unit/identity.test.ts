import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  identityFile,
  readIdentity,
  requireIdentity,
  writeIdentity,
  type StoredIdentity,
} from "@cloud-assistant/agent/identity";
import {
  fingerprintOf,
  makeNonce,
  makePrivateKey,
  openEd25519PublicKey,
  openPrivateKey,
  publicKeyOf,
  signText,
  isSignedBy,
} from "@cloud-assistant/agent/proof";
import { isLoopback, normalizeServerUrl, webSocketUrl } from "@cloud-assistant/agent/server-url";
import { afterEach, beforeEach, expect, test } from "vitest";

let stateDir: string;
beforeEach(() => void (stateDir = mkdtempSync(join(tmpdir(), "identity-"))));
afterEach(() => rmSync(stateDir, { recursive: true }));

const pending: StoredIdentity = {
  status: "pending",
  version: 1,
  server: "http://127.0.0.1:1",
  serverPublicKey: Buffer.alloc(32, 7).toString("base64"),
  activationId: "0A1B2C3D-0A1B-0A1B-0A1B-0A1B2C3D4E5F",
  proofKey: makePrivateKey("ed25519"),
  sealKey: makePrivateKey("x25519"),
};
const complete: StoredIdentity = { ...pending, status: "complete", instanceId: "mi-1" };
const modeOf = (path: string): string => (statSync(path).mode & 0o777).toString(8);

test("an identity is written whole, for its owner alone, in a directory others can only pass through", () => {
  expect(readIdentity(stateDir)).toBeUndefined();
  writeIdentity(stateDir, pending);
  expect(readIdentity(stateDir)).toEqual(pending);
  writeIdentity(stateDir, complete);
  expect(requireIdentity(stateDir)).toEqual(complete);
  expect([modeOf(identityFile(stateDir)), modeOf(stateDir)]).toEqual(["600", "711"]);
  expect(readdirSync(stateDir)).toEqual(["identity.json"]);
});

test("a new state directory is made with its parents", () => {
  const deep = join(stateDir, "a", "b");
  writeIdentity(deep, complete);
  expect(modeOf(deep)).toBe("711");
});

test("without a finished identity the message says what to do", () => {
  expect(() => requireIdentity(stateDir)).toThrow(/register it first/);
  writeIdentity(stateDir, pending);
  expect(() => requireIdentity(stateDir)).toThrow(/was not finished; run it again/);
});

test("what others can read or write is refused, and so is what is damaged", () => {
  writeIdentity(stateDir, complete);
  for (const mode of [0o640, 0o604, 0o620]) {
    chmodSync(identityFile(stateDir), mode);
    expect(() => readIdentity(stateDir)).toThrow(/open to other users/);
  }
  chmodSync(identityFile(stateDir), 0o600);
  writeFileSync(identityFile(stateDir), "{}");
  expect(() => readIdentity(stateDir)).toThrow(/damaged/);
  const open = join(stateDir, "open");
  mkdirSync(open);
  writeFileSync(join(open, "x"), "");
  chmodSync(open, 0o777);
  expect(() => writeIdentity(open, complete)).toThrow(/open to other users/);
});

test("keys survive the file, and a signature holds for its context alone", () => {
  const key = openPrivateKey(pending.proofKey);
  const raw = publicKeyOf(key);
  expect(Buffer.from(raw, "base64")).toHaveLength(32);
  expect(Buffer.from(publicKeyOf(openPrivateKey(pending.sealKey)), "base64")).toHaveLength(32);
  const publicKey = openEd25519PublicKey(raw);
  const signature = signText(key, "hello", "payload");
  expect(isSignedBy(publicKey, "hello", "payload", signature)).toBe(true);
  expect(isSignedBy(publicKey, "welcome", "payload", signature)).toBe(false);
  expect(isSignedBy(publicKey, "hello", "payload ", signature)).toBe(false);
  expect(isSignedBy(publicKey, "hello", "payload", "AAAA")).toBe(false);
  expect(makeNonce()).not.toBe(makeNonce());
});

test("a fingerprint is SHA-256 over the raw key", () => {
  // printf '\0%.0s' $(seq 32) | sha256sum
  expect(fingerprintOf(Buffer.alloc(32).toString("base64"))).toBe(
    "sha256:66687aadf862bd776c8fc18b8e9f8e20089714856ee233b3902a591d0d5f2925",
  );
});

test("server addresses have one form", () => {
  expect(normalizeServerUrl("HTTP://Example.com:80/")).toBe("http://example.com");
  expect(normalizeServerUrl("https://example.com:8443/a/b//")).toBe("https://example.com:8443/a/b");
  for (const text of ["", "example.com:8080", "ftp://x", "http://", "http://u:p@x", "http://x/?a", "http://x/#a"])
    expect(() => normalizeServerUrl(text)).toThrow(/server address/);
  expect(webSocketUrl("https://x/a", "/link").href).toBe("wss://x/a/link");
  expect(["http://localhost:1", "http://127.9.9.9", "http://[::1]:8"].every(isLoopback)).toBe(true);
  expect(
    ["http://127.0.0.1.evil.example", "http://10.0.0.1", "http://localhost.example", "http://0.0.0.0"].some(isLoopback),
  ).toBe(false);
});
