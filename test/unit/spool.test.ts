import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Spool } from "@cloud-assistant/agent/spool";
import fc from "fast-check";
import { afterEach, beforeEach, expect, test } from "vitest";

const MARK = "0123456789abcdef";
let dir: string;
let spool: Spool;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "spool-"));
  spool = new Spool(dir, MARK);
});
afterEach(() => rmSync(dir, { recursive: true }));

function write(from: number, text: string): void {
  writeFileSync(join(dir, `out.${from}`), text);
}

test("nothing was printed yet", () => {
  expect(spool.read(0, 10)).toEqual({ type: "nothing" });
  expect(spool.findMark()).toBeUndefined();
  expect(spool.endWithoutMark()).toBe(0);
});

test("reads on over segments, told a gap where one was dropped", () => {
  write(0, "head");
  write(4, "");
  write(10, "tail");
  expect(spool.read(1, 2)).toEqual({ type: "bytes", bytes: Buffer.from("ea") });
  expect(spool.read(1, 100)).toEqual({ type: "bytes", bytes: Buffer.from("ead") });
  expect(spool.read(4, 100)).toEqual({ type: "nothing" });
  expect(spool.read(4, 100, true)).toEqual({ type: "gap", to: 10 });
  expect(spool.read(7, 100, true)).toEqual({ type: "gap", to: 10 });
  expect(spool.read(12, 100, true)).toEqual({ type: "bytes", bytes: Buffer.from("il") });
  expect(spool.read(14, 100)).toEqual({ type: "nothing" });
});

test("the mark is found wherever it is cut, in whatever pieces it comes", () => {
  fc.assert(
    fc.property(
      fc.array(fc.nat({ max: 20 }), { maxLength: 6 }),
      fc.nat({ max: 40 }),
      fc.string({ unit: fc.constantFrom("0", "1", "2", "a"), maxLength: 30 }),
      (cuts, marked, after) => {
        const before = MARK.slice(0, 9).repeat(5).slice(0, marked);
        const text = before + MARK + after;
        rmSync(dir, { recursive: true });
        dir = mkdtempSync(join(tmpdir(), "spool-"));
        const cut = new Spool(dir, MARK);
        let from = 0;
        for (const length of [...cuts, text.length]) {
          const piece = text.slice(from, from + length);
          if (piece === "") continue;
          const half = piece.length >> 1;
          write(from, piece.slice(0, half));
          cut.findMark();
          appendFileSync(join(dir, `out.${from}`), piece.slice(half));
          from += piece.length;
        }
        expect(cut.findMark()).toBe(marked);
      },
    ),
    { numRuns: 100 },
  );
});

test("the mark is found after a dropped part", () => {
  write(0, "head");
  write(100, `tail${MARK}`);
  expect(spool.findMark()).toBe(104);
});

test("without its mark the output ends before a piece of it", () => {
  write(0, `text${MARK.slice(0, 5)}`);
  expect(spool.endWithoutMark()).toBe(4);
  write(9, MARK.slice(5, 9));
  expect(spool.endWithoutMark()).toBe(4);
  write(13, "no");
  expect(spool.endWithoutMark()).toBe(15);
});
