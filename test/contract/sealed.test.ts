import { generateKeyPairSync } from "node:crypto";
import { makePrivateKey, openPrivateKey, publicKeyOf } from "@cloud-assistant/agent/proof";
import { openSealed } from "@cloud-assistant/agent/sealed";
import { sealToHosts } from "@cloud-assistant/control-plane/actions/seal-to-hosts";
import { PASSWORD, SealedValues } from "@cloud-assistant/shared/protocol/sealed";
import * as fc from "fast-check";
import { expect, test } from "vitest";

const makeHost = (instanceId: string) => {
  const key = openPrivateKey(makePrivateKey("x25519"));
  return { instanceId, key, sealKey: publicKeyOf(key) };
};
const [one, two, stranger] = [makeHost("mi-1"), makeHost("mi-2"), makeHost("mi-3")];
const invokeId = "t-1";
const flip = (text: string, at: number): string => {
  const bytes = Buffer.from(text, "base64");
  bytes[at % bytes.length]! ^= 1;
  return bytes.toString("base64");
};

test("each host opens what was sealed to it, whatever it is", () => {
  const reference = fc
    .tuple(fc.constantFrom("oos:", "oos-secret:"), fc.string({ maxLength: 200 }))
    .map(([prefix, name]) => prefix + name);
  const values = fc.dictionary(fc.oneof(reference, fc.constant(PASSWORD)), fc.string());
  fc.assert(
    fc.property(values, (secrets) => {
      const sealed = SealedValues.parse(JSON.parse(JSON.stringify(sealToHosts(invokeId, secrets, [one, two]))));
      for (const { key, instanceId } of [one, two])
        expect(openSealed(key, sealed, { invokeId, instanceId })).toEqual(secrets);
    }),
    { numRuns: 500 },
  );
});

test("nobody else opens it, and nothing of it can be moved or changed", () => {
  const sealed = sealToHosts(invokeId, { "oos:a": "secret" }, [one, two]);
  const other = sealToHosts("t-2", { "oos:a": "other" }, [one, two]);
  const at = { invokeId, instanceId: one.instanceId };
  const wrong: readonly (readonly [SealedValues, typeof at, typeof one])[] = [
    [sealed, { invokeId, instanceId: stranger.instanceId }, stranger],
    [sealed, at, stranger],
    [sealed, { invokeId: "t-2", instanceId: one.instanceId }, one],
    [{ ...sealed, seals: { [one.instanceId]: sealed.seals[two.instanceId] ?? "" } }, at, one],
    [{ ...sealed, box: other.box }, at, one],
    [{ ...sealed, seals: other.seals }, at, one],
    [{ box: "", seals: {} }, at, one],
  ];
  for (const [index, [values, where, { key }]] of wrong.entries())
    expect([index, openSealed(key, values, where)]).toEqual([index, undefined]);
  fc.assert(
    fc.property(fc.nat(), (position) => {
      expect(openSealed(one.key, { ...sealed, box: flip(sealed.box, position) }, at)).toBeUndefined();
      const seals = { ...sealed.seals, [one.instanceId]: flip(sealed.seals[one.instanceId] ?? "", position) };
      expect(openSealed(one.key, { ...sealed, seals }, at)).toBeUndefined();
    }),
  );
});

test("a host whose key is none is left out, and the others get theirs", () => {
  const lowOrder = { instanceId: "mi-9", sealKey: Buffer.alloc(32).toString("base64") };
  const sealed = sealToHosts(invokeId, { a: "b" }, [lowOrder, one]);
  expect(Object.keys(sealed.seals)).toEqual([one.instanceId]);
});

test("the same values are never sealed the same way", () => {
  const [first, second] = [sealToHosts(invokeId, { a: "b" }, [one]), sealToHosts(invokeId, { a: "b" }, [one])];
  expect(first.box).not.toBe(second.box);
  expect(first.seals).not.toEqual(second.seals);
});

test("a thousand hosts fit into a frame", () => {
  const { publicKey } = generateKeyPairSync("x25519");
  const sealKey = Buffer.from(String(publicKey.export({ format: "jwk" }).x), "base64url").toString("base64");
  const hosts = Array.from({ length: 1000 }, (_, index) => ({
    instanceId: `mi-${String(index).padStart(20, "0")}`,
    sealKey,
  }));
  const sealed = sealToHosts(invokeId, { "oos-secret:a": "x".repeat(18_000) }, hosts);
  expect(JSON.stringify(JSON.stringify(sealed)).length).toBeLessThan(300_000);
});
