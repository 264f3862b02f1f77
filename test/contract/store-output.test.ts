import type { OutputStore } from "@cloud-assistant/control-plane/store/store";
import * as fc from "fast-check";
import { afterEach, expect, test } from "vitest";
import { integer, seededRandom } from "../support/random.ts";
import { aNonce, anInvocation, exited, ref, seatStore, sent, type StoreSeat } from "../support/stores.ts";

let seat: StoreSeat | undefined;
afterEach(async () => {
  await seat?.remove();
  seat = undefined;
});

const run = ref("1", "mi-1");
async function openOutput(storedOutputMaxBytes?: number): Promise<OutputStore> {
  seat = await seatStore(storedOutputMaxBytes === undefined ? {} : { storedOutputMaxBytes });
  await seat.store.invocations.create(sent(anInvocation("1"), "mi-1", "mi-2"), aNonce());
  return seat.store.output;
}

type Read = { readonly offset: number; readonly bytes: Buffer };
/** All that can be read, and the gaps between. */
async function readAll(output: OutputStore, maxBytes: number): Promise<{ parts: Read[]; gaps: [number, number][] }> {
  const parts: Read[] = [];
  const gaps: [number, number][] = [];
  let at = 0;
  let end = 0;
  do {
    const { bytes, gapTo, outputBytes } = await output.read(run, at, maxBytes);
    if (gapTo === undefined) parts.push({ offset: at, bytes: Buffer.from(bytes) });
    else gaps.push([at, gapTo]);
    at = gapTo ?? at + bytes.length;
    end = outputBytes;
    expect(gapTo === undefined).toBe(bytes.length > 0);
  } while (at < end);
  expect(await output.read(run, end, maxBytes)).toEqual({ bytes: new Uint8Array(), outputBytes: end });
  return { parts, gaps };
}

test("a piece is stored only where the output ends, and the answer is where it ends now", async () => {
  const output = await openOutput();
  expect(await output.append(run, 0, Buffer.from("abc"))).toBe(3);
  expect(await output.append(run, 0, Buffer.from("abc"))).toBe(3);
  expect(await output.append(run, 2, Buffer.from("XY"))).toBe(3);
  expect(await output.append(run, 4, Buffer.from("XY"))).toBe(3);
  expect(await output.append(run, 3, Buffer.alloc(0))).toBe(3);
  expect(await output.append(ref("9", "mi-1"), 0, Buffer.from("abc"))).toBeUndefined();
  // pieces of one batch see each other
  expect(
    await Promise.all([
      output.append(run, 3, Buffer.from("de")),
      output.append(run, 5, Buffer.from("f")),
      output.append(run, 5, Buffer.from("Z")),
    ]),
  ).toEqual([5, 6, 6]);
  expect(await readAll(output, 100)).toEqual({ parts: [{ offset: 0, bytes: Buffer.from("abcdef") }], gaps: [] });
  expect((await output.read(ref("1", "mi-2"), 0, 100)).outputBytes).toBe(0);
});

test("a gap follows the same rule", async () => {
  const output = await openOutput();
  expect(await output.appendGap(run, 1, 5)).toBe(0);
  expect(await output.append(run, 0, Buffer.from("ab"))).toBe(2);
  expect(await output.appendGap(run, 2, 2)).toBe(2);
  expect(await output.appendGap(run, 2, 1)).toBe(2);
  expect(await output.appendGap(run, 2, 10)).toBe(10);
  expect(await output.append(run, 2, Buffer.from("cd"))).toBe(10);
  expect(await output.append(run, 10, Buffer.from("yz"))).toBe(12);
  expect(await output.appendGap(run, 12, 20)).toBe(20);
  expect(await output.appendGap(ref("9", "mi-1"), 0, 5)).toBeUndefined();
  expect(await readAll(output, 1)).toMatchObject({
    gaps: [
      [2, 10],
      [12, 20],
    ],
    parts: [{ offset: 0 }, { offset: 1 }, { offset: 10 }, { offset: 11 }],
  });
  expect(await output.read(run, 5, 100)).toEqual({ bytes: new Uint8Array(), gapTo: 10, outputBytes: 20 });
  expect(await output.view(run, 3, 10)).toEqual({ head: Buffer.from("aby"), tail: Buffer.from("z"), outputBytes: 20 });
});

test("a run that is over takes no more output, and whoever sends it may let go", async () => {
  const output = await openOutput();
  await output.append(run, 0, Buffer.from("abc"));
  await seat?.store.runs.apply(run, exited(0));
  expect(await output.append(run, 1, Buffer.from("bc"))).toBe(3);
  expect(await output.append(run, 3, Buffer.from("de"))).toBe(5);
  expect(await output.append(run, 7, Buffer.from("h"))).toBe(8);
  expect(await output.appendGap(run, 3, 9)).toBe(9);
  expect(await output.appendGap(run, 1, 2)).toBe(3);
  expect(await readAll(output, 100)).toEqual({ parts: [{ offset: 0, bytes: Buffer.from("abc") }], gaps: [] });
});

test("what is read goes on after a restart, byte for byte, whatever the bytes are", async () => {
  const output = await openOutput();
  const random = seededRandom(7);
  const all = Buffer.from(Uint8Array.from({ length: 300_000 }, () => integer(random, 0, 255)));
  let at = 0;
  while (at < all.length) at = (await output.append(run, at, all.subarray(at, at + integer(random, 1, 9_000)))) ?? -1;
  for (const maxBytes of [1_000, 128 * 1024]) {
    const { parts, gaps } = await readAll(output, maxBytes);
    expect(gaps).toEqual([]);
    expect(parts.every(({ bytes }) => bytes.length <= maxBytes)).toBe(true);
    expect(Buffer.concat(parts.map(({ bytes }) => bytes)).equals(all)).toBe(true);
  }
  const reopened = (await seat?.reopen())?.output;
  const { head, tail, outputBytes } = (await reopened?.view(run, 6_000, 18_576)) ?? {};
  expect(Buffer.from(head ?? "").equals(all.subarray(0, 6_000))).toBe(true);
  expect(Buffer.from(tail ?? "").equals(all.subarray(-18_576))).toBe(true);
  expect(outputBytes).toBe(all.length);
});

test("output that fits the view is all there, in order", async () => {
  const output = await openOutput();
  await output.append(run, 0, Buffer.from("0123456789"));
  for (const [headBytes, tailBytes] of [
    [10, 10],
    [3, 7],
    [9, 5],
    [0, 10],
    [10, 0],
  ] as const) {
    const { head, tail } = await output.view(run, headBytes, tailBytes);
    expect(Buffer.concat([head, tail]).toString()).toBe("0123456789");
  }
  const { head, tail } = await output.view(run, 3, 4);
  expect([Buffer.from(head).toString(), Buffer.from(tail).toString()]).toEqual(["012", "6789"]);
});

const byteAt = (offset: number): number => (offset * 31) % 251;
const MAX_PIECE = 60;

/** What happens to the output of a run: bytes, or (negative) bytes dropped on the host. */
const anyOutput = fc.array(fc.oneof(fc.integer({ min: 1, max: MAX_PIECE }), fc.integer({ min: -40, max: -1 })), {
  minLength: 1,
  maxLength: 60,
});

test("within its bound the first quarter and the newest stay, and all that is missing is a gap", async () => {
  const output = await openOutput(100);
  let invocation = 1;
  const check = async (lengths: readonly number[]): Promise<void> => {
    invocation += 1;
    await seat?.store.invocations.create(sent(anInvocation(`${invocation}`), "mi-1"), aNonce());
    const target = ref(`${invocation}`, "mi-1");
    const printed: boolean[] = []; // by offset: printed, or dropped on the host
    for (const length of lengths) {
      const from = printed.length;
      const to = from + Math.abs(length);
      const bytes = Uint8Array.from({ length: to - from }, (_, index) => byteAt(from + index));
      expect(await (length > 0 ? output.append(target, from, bytes) : output.appendGap(target, from, to))).toBe(to);
      for (let at = from; at < to; at++) printed.push(length > 0);
    }
    const stored: number[] = [];
    for (let at = 0; at < printed.length;) {
      const { bytes, gapTo } = await output.read(target, at, 7);
      expect(gapTo === undefined).toBe(bytes.length > 0);
      for (const [index, byte] of bytes.entries()) {
        expect(byte).toBe(byteAt(at + index));
        stored.push(at + index);
      }
      at = gapTo ?? at + bytes.length;
    }
    expect(stored.length).toBeLessThanOrEqual(100);
    expect(stored.every((at) => printed[at])).toBe(true);
    const head = [...printed.keys()].slice(0, 25).filter((at) => printed[at]);
    expect(stored.slice(0, head.length)).toEqual(head);
    // the newest: nothing that was printed after a stored byte of the tail is missing
    const tailStart = stored.find((at) => at >= 25);
    const newest = [...printed.keys()].filter((at) => tailStart !== undefined && at >= tailStart && printed[at]);
    expect(stored.filter((at) => at >= 25)).toEqual(newest);
    const printedAfterHead = printed.slice(25).filter(Boolean).length;
    expect(newest.length).toBeGreaterThanOrEqual(Math.min(printedAfterHead, 75 - MAX_PIECE));

    const view = await output.view(target, 10, 20);
    const seen = stored.length <= 30 ? stored : [...stored.slice(0, 10), ...stored.slice(-20)];
    expect([...view.head, ...view.tail]).toEqual(seen.map(byteAt));
    expect(view.outputBytes).toBe(printed.length);
  };
  await fc.assert(fc.asyncProperty(anyOutput, check), { numRuns: 40 });
});

test("a piece larger than the bound leaves its own head and end", async () => {
  const output = await openOutput(100);
  const bytes = Uint8Array.from({ length: 250 }, (_, index) => index);
  expect(await output.append(run, 0, bytes)).toBe(250);
  const { parts, gaps } = await readAll(output, 1_000);
  expect(gaps).toEqual([[25, 175]]);
  expect(parts).toEqual([
    { offset: 0, bytes: Buffer.from(bytes.subarray(0, 25)) },
    { offset: 175, bytes: Buffer.from(bytes.subarray(175)) },
  ]);
});
