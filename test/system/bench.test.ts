import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";

const PROGRAM = join(import.meta.dirname, "..", "bench", "main.ts");

const bench = (...args: readonly string[]) => promisify(execFile)(process.execPath, [PROGRAM, ...args]);

test("a benchmark starts the real programs and prints what it measured", async () => {
  const { stdout } = await bench("--quick", "--json", "--only", "start");
  expect(JSON.parse(stdout)).toEqual([
    {
      name: "accepted → script started",
      unit: "ms",
      budget: { within: 5 },
      floor: expect.any(Number),
      ours: expect.any(Number),
      ratio: expect.any(Number),
      ok: expect.any(Boolean), // what it is belongs to the machine: never asserted
      note: "p50 of 3",
    },
  ]);
});

test("the help names every benchmark, and an unknown one is an error", async () => {
  const { stdout } = await bench("--help");
  for (const name of ["control-plane", "start", "host", "connections", "memory", "output", "lists"])
    expect(stdout).toContain(` ${name} `);
  await expect(bench("--only", "nothing")).rejects.toMatchObject({
    code: 1,
    stderr: expect.stringContaining("no benchmark nothing"),
  });
});
