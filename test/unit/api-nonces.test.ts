import { Nonces } from "@cloud-assistant/control-plane/http/nonces";
import * as fc from "fast-check";
import { expect, test } from "vitest";

const MINUTE_MS = 60_000;
const nonce = (name: string, expiresMs: number) => ({ accessKeyId: "AK", nonce: name, expiresMs });

test("a nonce is good once, and of each key on its own", () => {
  const nonces = new Nonces();
  expect(nonces.take(nonce("a", MINUTE_MS), 0)).toBe(true);
  expect(nonces.take(nonce("a", 2 * MINUTE_MS), 0)).toBe(false);
  expect(nonces.take({ ...nonce("a", MINUTE_MS), accessKeyId: "BK" }, 0)).toBe(true);
});

test("none is forgotten before it expires, and what is remembered is bounded by the window", () => {
  const times = fc.array(fc.nat({ max: 5 * MINUTE_MS }), { minLength: 1, maxLength: 40 });
  fc.assert(
    fc.property(times, (waits) => {
      const nonces = new Nonces();
      const taken: { name: string; expiresMs: number }[] = [];
      let nowMs = 0;
      waits.forEach((wait, index) => {
        nowMs += wait;
        const made = { name: String(index), expiresMs: nowMs + 15 * MINUTE_MS };
        expect(nonces.take(nonce(made.name, made.expiresMs), nowMs)).toBe(true);
        taken.push(made);
        for (const { name, expiresMs } of taken.filter((one) => one.expiresMs >= nowMs)) {
          expect(nonces.take(nonce(name, expiresMs), nowMs)).toBe(false);
        }
        const alive = taken.filter(({ expiresMs }) => expiresMs >= nowMs - 2 * MINUTE_MS);
        expect(nonces.size).toBeLessThanOrEqual(alive.length);
      });
    }),
  );
});
