import { readHotFrame } from "@cloud-assistant/control-plane/link/hot-frames";
import { textFrames } from "@cloud-assistant/control-plane/link/text-frame";
import { AgentFrame } from "@cloud-assistant/shared/protocol/frames";
import * as fc from "fast-check";
import { expect, test } from "vitest";

const run = { invokeId: "t-0a", iteration: 1 };
const times = { startedMs: 1, finishedMs: 2 };
const HOT = [
  { type: "ack", ids: ["task:t-0a.1"] },
  { type: "ack", ids: [] },
  { type: "started", id: "s", ...run, atMs: 1 },
  { type: "ended", id: "e", ...run, outputBytes: 0, end: { how: "exited", exitCode: 0, ...times } },
];
/** A value at the edge of what a field may hold, or none at all. */
const edge = fc.constantFrom(
  undefined,
  null,
  "",
  "t-0a",
  "t-",
  "T-0a",
  "t-0a\n",
  "x".repeat(128),
  "x".repeat(129),
  -1,
  -0,
  0,
  1,
  255,
  256,
  1.5,
  2 ** 53 - 1,
  2 ** 53,
  "1",
  true,
  {},
  [],
  ["a"],
  [""],
  ["x".repeat(129)],
  [7],
  Array.from({ length: 10_001 }, () => "a"),
  "exited",
  "stopped",
  "ack",
  "ended",
);
const NAMES = ["type", "id", "ids", "invokeId", "iteration", "atMs", "outputBytes", "end", "later"];
const END_NAMES = ["how", "exitCode", "startedMs", "finishedMs", "kill"];
const changes = (names: readonly string[]) => fc.array(fc.tuple(fc.constantFrom(...names), edge), { maxLength: 2 });

test("a frame read by hand is what the schema makes of it, and the usual ones are read by hand", () => {
  for (const frame of HOT) expect(readHotFrame(frame)).toEqual(AgentFrame.parse(frame));
  fc.assert(
    fc.property(fc.constantFrom(...HOT), changes(NAMES), changes(END_NAMES), (frame, some, ofEnd) => {
      const end = "end" in frame ? { end: { ...frame.end, ...Object.fromEntries(ofEnd) } } : {};
      const json: unknown = JSON.parse(JSON.stringify({ ...frame, ...end, ...Object.fromEntries(some) }));
      const parsed = AgentFrame.safeParse(json).data;
      // an end that is not by itself is left to the schema
      const left = parsed?.type === "ended" && parsed.end.how !== "exited";
      expect(readHotFrame(json)).toEqual(left ? undefined : parsed);
    }),
    { numRuns: 3_000 },
  );
  fc.assert(
    fc.property(fc.jsonValue(), (json) => {
      expect(readHotFrame(json)).toEqual(AgentFrame.safeParse(json).data);
    }),
  );
});

test.each([
  [0, [0x81, 0]],
  [125, [0x81, 125]],
  [126, [0x81, 126, 0, 126]],
  [65_535, [0x81, 126, 0xff, 0xff]],
  [65_536, [0x81, 127, 0, 0, 0, 0, 0, 1, 0, 0]],
])("a text of %i bytes has the header the standard gives it", (length, header) => {
  const text = `${"é".repeat(length >> 1)}${"x".repeat(length & 1)}`;
  const twice = textFrames([text, text]);
  const one = [...header, ...Buffer.from(text)];
  expect(twice.equals(Buffer.from([...one, ...one]))).toBe(true);
});
