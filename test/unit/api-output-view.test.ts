import { toShownOutput } from "@cloud-assistant/control-plane/domain/output-view";
import { OUTPUT_HEAD_BYTES, OUTPUT_TAIL_BYTES } from "@cloud-assistant/shared/limits";
import * as fc from "fast-check";
import { expect, test } from "vitest";

const HEAD = 7;
const TAIL = 11;

/** What a store gives for a script that printed `all`. */
const view = (all: Uint8Array, head = HEAD, tail = TAIL) => ({
  head: all.subarray(0, head),
  tail: all.subarray(Math.max(head, all.length - tail)),
  outputBytes: all.length,
});

test("24 KiB are shown whole", () => {
  const all = new Uint8Array(24 * 1024).fill(0x80);
  const shown = toShownOutput(view(all, OUTPUT_HEAD_BYTES, OUTPUT_TAIL_BYTES));
  expect(shown).toEqual({ bytes: all, dropped: 0 });
});

test("what is shown and what is dropped make up everything, and at most three bytes go at each cut", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), (all) => {
      const { bytes, dropped } = toShownOutput(view(all));
      expect(bytes.length + dropped).toBe(all.length);
      expect(bytes.length).toBeGreaterThanOrEqual(Math.min(all.length, HEAD + TAIL - 6));
    }),
  );
});

test("what is no more than both parts is shown as it is", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: HEAD + TAIL }), (all) => {
      expect(toShownOutput(view(all))).toEqual({ bytes: all, dropped: 0 });
    }),
  );
});

test("text stays text: no character is cut", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme", minLength: 20, maxLength: 40 }), (text) => {
      const { bytes } = toShownOutput(view(Buffer.from(text)));
      const shown = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
      const [head = ""] = longestHead(text, shown);
      expect(text.startsWith(head) && text.endsWith(shown.slice(head.length))).toBe(true);
    }),
  );
});

/** The longest beginning the two have in common. */
function longestHead(text: string, shown: string): string[] {
  let end = 0;
  while (end < shown.length && shown[end] === text[end]) end++;
  return [shown.slice(0, end)];
}

test("bytes that are no text are left alone", () => {
  const all = new Uint8Array(100).fill(0xbf);
  expect(toShownOutput(view(all)).bytes.length).toBe(HEAD + TAIL);
});
