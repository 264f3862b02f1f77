import { chmodSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createHash, createPublicKey, verify } from "node:crypto";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openKeys } from "@cloud-assistant/control-plane/keys";
import { afterEach, beforeEach, expect, test } from "vitest";

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "keys-"));
});
afterEach(() => rmSync(dir, { recursive: true }));

test("the first start makes two private files, and the next one reads the same keys", () => {
  const first = openKeys(dir, false);
  expect(readdirSync(dir).toSorted()).toEqual(["master-key.json", "signing-key.json"]);
  for (const name of readdirSync(dir)) expect(statSync(join(dir, name)).mode & 0o777).toBe(0o600);
  const again = openKeys(dir, true);
  expect(again.publicKey).toBe(first.publicKey);
  expect(again.unseal("test", first.seal("test", "secret"))).toBe("secret");
});

test("the fingerprint is SHA-256 over the raw public key", () => {
  const { publicKey, fingerprint } = openKeys(dir, false);
  expect(Buffer.from(publicKey, "base64")).toHaveLength(32);
  expect(fingerprint).toBe(`sha256:${createHash("sha256").update(Buffer.from(publicKey, "base64")).digest("hex")}`);
});

test("a signature holds for its text and its context alone", () => {
  const keys = openKeys(dir, false);
  const key = createPublicKey({
    key: { kty: "OKP", crv: "Ed25519", x: Buffer.from(keys.publicKey, "base64").toString("base64url") },
    format: "jwk",
  });
  const holds = (text: string): boolean =>
    verify(null, Buffer.from(text), key, Buffer.from(keys.sign("order", "payload"), "base64"));
  expect(holds("cloud-assistant order 1\npayload")).toBe(true);
  expect(holds("cloud-assistant welcome 1\npayload")).toBe(false);
  expect(holds("payload")).toBe(false);
});

test("what is sealed opens for its purpose and untouched only", () => {
  const keys = openKeys(dir, false);
  const sealed = keys.seal("access-key A", "sëcret");
  expect(keys.unseal("access-key A", sealed)).toBe("sëcret");
  expect(Buffer.from(sealed).toString("latin1")).not.toContain("cret");
  expect(keys.seal("access-key A", "sëcret")).not.toEqual(sealed);
  expect(() => keys.unseal("access-key B", sealed)).toThrow("unable to authenticate");
  for (const index of [0, 12, 28]) {
    const touched = Uint8Array.from(sealed);
    touched[index] = (touched[index] ?? 0) ^ 1;
    expect(() => keys.unseal("access-key A", touched)).toThrow("unable to authenticate");
  }
  expect(() => keys.unseal("access-key A", sealed.subarray(0, 20))).toThrow("authentication tag");
});

test.each(["signing-key.json", "master-key.json"])(
  "%s that others can read, is missing beside a database, or is damaged stops the start",
  (name) => {
    openKeys(dir, false);
    const path = join(dir, name);
    chmodSync(path, 0o640);
    expect(() => openKeys(dir, true)).toThrow(/can be reached by others \(mode 640\)/);
    chmodSync(path, 0o600);
    writeFileSync(path, "{}");
    expect(() => openKeys(dir, true)).toThrow(/not a key file of ours/);
    rmSync(path);
    expect(() => openKeys(dir, true)).toThrow(/is missing although there is a database/);
    expect(readdirSync(dir)).toHaveLength(1);
  },
);
