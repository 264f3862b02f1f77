import { expect, test } from "vitest";
import { alternate, holds, median, type Row } from "../bench/bench.ts";
import { toTable } from "../bench/table.ts";

const row = (budget: Row["budget"], floor: number, ours: number): Row => ({
  name: "a row",
  unit: "ms",
  budget,
  floor,
  ours,
});

test("a budget is a factor, a distance or a figure", () => {
  expect(holds(row({ atMost: 1.5 }, 10, 15))).toBe(true);
  expect(holds(row({ atMost: 1.5 }, 10, 15.1))).toBe(false);
  expect(holds(row({ atLeast: 0.5 }, 10, 5))).toBe(true);
  expect(holds(row({ atLeast: 0.5 }, 10, 4.9))).toBe(false);
  expect(holds(row({ within: 5 }, 10, 15))).toBe(true);
  expect(holds(row({ within: 5 }, 10, 15.1))).toBe(false);
  expect(holds(row({ atMostAbsolute: 12 }, 1, 12))).toBe(true);
  expect(holds(row({ atMostAbsolute: 12 }, 100, 12.1))).toBe(false);
});

test("a median is the middle, or between the two of it", () => {
  expect(median([9, 1, 2])).toBe(2);
  expect(median([4, 1, 2, 3])).toBe(2.5);
  expect(() => median([])).toThrow(RangeError);
});

test("floor and product take turns, and what warms up is not counted", async () => {
  const order: string[] = [];
  let turn = 0;
  const side = (name: string) => async () => {
    order.push(name);
    return { ms: name === "floor" ? turn : turn++ * 10 };
  };
  const medians = await alternate(3, { floor: side("floor"), ours: side("ours") });
  expect(order).toEqual(["floor", "ours", "floor", "ours", "floor", "ours", "floor", "ours"]);
  expect(medians("ms")).toEqual({ floor: 2, ours: 20 });
});

test("a table has a line for each row, with its ratio and whether it holds", () => {
  const lines = toTable([row({ atMost: 1.5 }, 10, 16), { ...row({ within: 5 }, 123.4, 100), note: "p50" }]).split("\n");
  expect(lines.map((line) => line.split(/ {2,}/))).toEqual([
    ["what", "floor", "ours", "ratio", "budget", "note"],
    ["a row", "10.0 ms", "16.0 ms", "1.60×", "≤ 1.5×", "OVER"],
    ["a row", "123 ms", "100 ms", "0.81×", "≤ floor + 5 ms", "ok", "p50"],
    [""],
  ]);
});
