// Whatever part of the ledger's file a crash leaves, what was durable is known, and nothing is known that was never said.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Ledger } from "@cloud-assistant/agent/ledger";
import { readLedger, toText, type LedgerLine } from "@cloud-assistant/agent/ledger-lines";
import fc from "fast-check";
import { afterAll, expect, test } from "vitest";

const base = mkdtempSync(join(tmpdir(), "ledger-crash-"));
afterAll(() => rmSync(base, { recursive: true }));

let count = 0;
function makeDirectory(): string {
  const directory = join(base, String(count++));
  mkdirSync(directory);
  return directory;
}

const RUNS = ["t-1.1", "t-2.1", "t-3.2", "t-é.1"] as const;
const line: fc.Arbitrary<LedgerLine> = fc.oneof(
  fc.record({ run: fc.constantFrom(...RUNS), expiresMs: fc.nat(), bootId: fc.constantFrom("b1", "b2") }),
  fc.record({
    run: fc.constantFrom(...RUNS),
    expiresMs: fc.nat(),
    end: fc.record({
      how: fc.constant("invalid" as const),
      errorCode: fc.constant("E"),
      errorInfo: fc.string({ unit: "grapheme", maxLength: 900 }),
    }),
    outputBytes: fc.nat(),
    acknowledged: fc.boolean(),
  }),
);
const lines = fc.array(line, { minLength: 1, maxLength: 12 });

function last(of: readonly LedgerLine[]): Map<string, LedgerLine> {
  return new Map(of.map((one) => [one.run, one]));
}

test("of any prefix the whole lines are read, and where the next one goes", () => {
  fc.assert(
    fc.property(lines, fc.nat(), fc.constantFrom("", "    ", "\0\0"), (all, at, padding) => {
      const file = Buffer.from(toText(all));
      const cut = at % (file.length + 1);
      const read = readLedger(Buffer.concat([file.subarray(0, cut), Buffer.from(padding)]));
      const whole = file.subarray(0, cut).lastIndexOf("\n") + 1;
      expect(read).toEqual({ lines: all.slice(0, read.lines.length), endBytes: whole, damaged: 0 });
      expect(toText(read.lines)).toBe(file.toString("utf8", 0, whole));
    }),
  );
});

test("a changed byte costs the lines it is in, no other, and is told unless nothing good comes after it", () => {
  fc.assert(
    fc.property(lines, fc.nat(), fc.integer({ min: 1, max: 255 }), (all, at, flip) => {
      const file = Buffer.from(toText(all));
      const changed = at % file.length;
      const ends = [...all.keys()].map((index) => Buffer.byteLength(toText(all.slice(0, index + 1))));
      const hit = ends.findIndex((end) => changed < end);
      const lost = changed === (ends[hit] ?? 0) - 1 ? [hit, hit + 1] : [hit]; // a line feed parts two
      file.writeUInt8(file.readUInt8(changed) ^ flip, changed);
      const read = readLedger(file);
      expect(read.lines).toEqual(all.filter((_, index) => !lost.includes(index)));
      expect(read.damaged > 0).toBe(Math.max(...lost) < all.length - 1);
    }),
  );
});

/** The file after a power failure: of the sectors that differ, any may have reached the disk. */
function torn(before: Buffer, after: Buffer, reached: readonly boolean[]): Buffer {
  const file = Buffer.concat([before, Buffer.alloc(Math.max(0, after.length - before.length))]);
  for (let at = 0, index = 0; at < after.length; at += 512, index++) {
    const sector = after.subarray(at, at + 512);
    if (reached[index % reached.length]) file.set(sector, at);
  }
  return file;
}

test("after a power failure in the middle of a write every run is as it was before it or after it", async () => {
  const batches = fc.array(fc.uniqueArray(line, { minLength: 1, maxLength: 4, selector: ({ run }) => run }), {
    minLength: 1,
    maxLength: 6,
  });
  await fc.assert(
    fc.asyncProperty(batches, fc.array(fc.boolean(), { minLength: 1, maxLength: 7 }), async (all, reached) => {
      const directory = makeDirectory();
      const file = join(directory, "ledger");
      const ledger = new Ledger(directory, () => 0);
      let said: LedgerLine[] = [];
      for (const batch of all) {
        const before = readFileSync(file);
        await Promise.all(batch.map((one) => ledger.add(one)));
        const crashed = makeDirectory();
        writeFileSync(join(crashed, "ledger-id"), "the same");
        writeFileSync(join(crashed, "ledger"), torn(before, readFileSync(file), reached));
        const next = new Ledger(crashed, () => 0);
        const [old, now] = [last(said), last([...said, ...batch])];
        for (const run of RUNS) expect([old.get(run), now.get(run)]).toContainEqual(next.find(run));
        await next.add({ run: "t-9.1", expiresMs: 1, bootId: "b" }); // and it goes on from there
        const known = next.lines();
        next.close();
        const again = new Ledger(crashed, () => 0);
        expect([again.lines(), again.damagedLines]).toEqual([known, 0]);
        again.close();
        said = [...said, ...batch];
      }
      ledger.close();
    }),
    { numRuns: 40 },
  );
});

test("a crash at any step of writing anew leaves what was known", async () => {
  const directory = makeDirectory();
  const ledger = new Ledger(directory, () => 0);
  const all: LedgerLine[] = RUNS.map((run) => ({ run, expiresMs: 1, bootId: "b" }));
  for (const one of all) await ledger.add(one);
  ledger.close();
  const whole = readFileSync(join(directory, "ledger"));
  for (const written of [0, 1, 100, whole.length]) {
    const temporary = join(directory, "ledger.12345.tmp");
    writeFileSync(temporary, whole.subarray(0, written)); // not renamed yet; renamed is the same text
    const next = new Ledger(directory, () => 0);
    expect([next.id, next.lines()]).toEqual([ledger.id, all]);
    expect(() => readFileSync(temporary)).toThrow("ENOENT");
    next.close();
  }
});

test("a ledger that lost something is another one from then on, and says so once", async () => {
  const directory = makeDirectory();
  const ledger = new Ledger(directory, () => 0);
  for (const run of RUNS) await ledger.add({ run, expiresMs: 1, bootId: "b" });
  ledger.close();
  const file = join(directory, "ledger");
  const text = readFileSync(file);
  text.writeUInt8(0x21, 20);
  writeFileSync(file, text);
  const second = new Ledger(directory, () => 0);
  expect([second.damagedLines, second.lines().map(({ run }) => run)]).toEqual([1, RUNS.slice(1)]);
  expect(second.id).not.toBe(ledger.id);
  second.close();
  const third = new Ledger(directory, () => 0);
  expect([third.damagedLines, third.id]).toEqual([0, second.id]);
  third.close();
  rmSync(file);
  const fourth = new Ledger(directory, () => 0);
  expect([fourth.lines(), fourth.id === third.id]).toEqual([[], false]);
  fourth.close();
});

test("the file stays within twice what counts and 2000 lines, however long it goes on", async () => {
  const directory = makeDirectory();
  let nowMs = 0;
  const ledger = new Ledger(directory, () => nowMs);
  const end = { how: "exited", exitCode: 0, startedMs: 1, finishedMs: 2 } as const;
  let most = 0;
  for (let round = 0; round < 12_000; round++) {
    nowMs += 1;
    const run = `t-${round}.1`;
    ledger.note({ run, expiresMs: nowMs + 100, bootId: "b" });
    ledger.note({ run, expiresMs: nowMs + 100, end, outputBytes: 0, acknowledged: true });
    if (round % 50 === 0) await ledger.add({ run, expiresMs: nowMs + 100, end, outputBytes: 0, acknowledged: true });
    if (round % 500 === 0) most = Math.max(most, readLedger(readFileSync(join(directory, "ledger"))).lines.length);
  }
  expect(most).toBeLessThan(2 * 150 + 2_000 + 50);
  expect(ledger.lines().length).toBeLessThan(2 * 150 + 2_000);
  ledger.close();
});
