import { appendFileSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Ledger } from "@cloud-assistant/agent/ledger";
import type { LedgerLine } from "@cloud-assistant/agent/ledger-lines";
import { afterEach, expect, test } from "vitest";

const cleanUp: (() => void)[] = [];
afterEach(() => {
  for (const clean of cleanUp.splice(0).toReversed()) clean();
});

function makeDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), "ledger-"));
  cleanUp.push(() => rmSync(directory, { recursive: true }));
  return directory;
}

const EXPIRES_MS = 1_000;
function accepted(run: string): LedgerLine {
  return { run, expiresMs: EXPIRES_MS, bootId: "boot" };
}
function ended(run: string, acknowledged: boolean): LedgerLine {
  return {
    run,
    expiresMs: EXPIRES_MS,
    end: { how: "exited", exitCode: 0, startedMs: 1, finishedMs: 2 },
    outputBytes: 3,
    acknowledged,
  };
}

test("the last line of a run counts, also for the next who opens it", async () => {
  const directory = makeDirectory();
  const first = new Ledger(directory, () => 0);
  await Promise.all([first.add(accepted("t-1.1")), first.add(accepted("t-2.1"))]);
  await first.add(ended("t-1.1", false));
  expect(first.find("t-1.1")).toEqual(ended("t-1.1", false));
  first.close();
  const second = new Ledger(directory, () => 0);
  expect(second.lines()).toEqual([ended("t-1.1", false), accepted("t-2.1")]);
  second.close();
});

test("what was only noted is written by the next that is added, or by closing", async () => {
  const directory = makeDirectory();
  const ledger = new Ledger(directory, () => 0);
  const text = (): string => readFileSync(join(directory, "ledger"), "utf8").trim();
  ledger.note(ended("t-1.1", true));
  expect(text()).toBe("");
  await ledger.add(accepted("t-2.1"));
  expect(text()).toContain("t-1.1");
  ledger.note(ended("t-2.1", true));
  ledger.close();
  expect(text().trim().split("\n")).toHaveLength(3);
});

test("a line that a crash cut off is nothing, and hurts no line after it", async () => {
  const directory = makeDirectory();
  const first = new Ledger(directory, () => 0);
  await first.add(accepted("t-1.1"));
  first.close();
  appendFileSync(join(directory, "ledger"), '{"run":"t-2.1","expi');
  const second = new Ledger(directory, () => 0);
  expect(second.lines()).toEqual([accepted("t-1.1")]);
  await second.add(accepted("t-3.1"));
  second.close();
  const third = new Ledger(directory, () => 0);
  expect(third.lines().map(({ run }) => run)).toEqual(["t-1.1", "t-3.1"]);
  third.close();
});

test("forgotten is only what the server has and what can no longer arrive", async () => {
  let nowMs = EXPIRES_MS;
  const ledger = new Ledger(makeDirectory(), () => nowMs);
  await ledger.add(accepted("t-1.1"));
  await ledger.add(ended("t-2.1", false));
  await ledger.add(ended("t-3.1", true));
  ledger.forget();
  expect(ledger.lines()).toHaveLength(3);
  nowMs += 1;
  ledger.forget();
  expect(ledger.lines().map(({ run }) => run)).toEqual(["t-1.1", "t-2.1"]);
  ledger.close();
});

test("what cannot be made durable can be taken back", async () => {
  const ledger = new Ledger(makeDirectory(), () => 0);
  ledger.note(accepted("t-1.1"));
  ledger.retract("t-1.1");
  expect(ledger.find("t-1.1")).toBeUndefined();
  ledger.close();
});

test("a file of lines that say nothing any more is written anew", async () => {
  const directory = makeDirectory();
  const ledger = new Ledger(directory, () => 0);
  for (let round = 0; round < 1_001; round++) {
    ledger.note(accepted("t-1.1"));
    await ledger.add(ended("t-2.1", false));
  }
  await ledger.add(ended("t-1.1", true));
  const lines = readFileSync(join(directory, "ledger"), "utf8").trim().split("\n");
  expect(lines.length).toBeLessThan(1_100);
  expect(ledger.lines()).toEqual([ended("t-1.1", true), ended("t-2.1", false)]);
  ledger.close();
});

test("what is added at once, while the file is written anew, is all there", async () => {
  const directory = makeDirectory();
  const ledger = new Ledger(directory, () => 0);
  const runs = Array.from({ length: 1_200 }, (_, index) => `t-${index}.1`);
  await Promise.all(
    runs.map(async (run) => {
      await ledger.add(accepted(run));
      await ledger.add(ended(run, false));
      ledger.note(ended(run, true));
    }),
  );
  ledger.close();
  const next = new Ledger(directory, () => 0);
  expect(next.damagedLines).toBe(0);
  expect(runs.filter((run) => JSON.stringify(next.find(run)) !== JSON.stringify(ended(run, true)))).toEqual([]);
  next.close();
});
