import { Buffer } from "node:buffer";
import { PassThrough } from "node:stream";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { LinePrefixer } from "cloud-assistant/line-prefixer";
import { OutputPrinter, statusText } from "cloud-assistant/output-printer";
import { OutputProgress } from "cloud-assistant/output-stream";
import { printable, printableLines } from "cloud-assistant/printable";
import { toTable } from "cloud-assistant/table";
import { toNames } from "cloud-assistant/hosts";
import type { OutputLine } from "@cloud-assistant/shared/api/invocations";

const data = (Offset: number, text: string): OutputLine => ({
  InstanceId: "mi-1",
  Offset,
  Data: Buffer.from(text).toString("base64"),
});
const ended: OutputLine = {
  InstanceId: "mi-1",
  InvocationStatus: "Success",
  ExitCode: 0,
  ErrorCode: "",
  ErrorInfo: "",
  OutputBytes: 6,
  Ended: true,
};

const host = (InstanceId: string, InstanceName: string, Hostname = "") => ({ InstanceId, InstanceName, Hostname });
/** A terminal or not, and what was written to its standard output. */
const open = (isTTY: boolean) => {
  const out = Object.assign(new PassThrough(), { isTTY });
  const err = Object.assign(new PassThrough(), { isTTY });
  return {
    io: { stdin: new PassThrough(), stdout: out, stderr: err, env: {} },
    printed: () => (out.read() as Buffer | null) ?? Buffer.alloc(0),
  };
};

describe("the progress of a stream", () => {
  test("what is told again is given once, whatever the cuts", () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 60 }),
        fc.array(fc.nat(60), { maxLength: 8 }),
        fc.array(fc.nat(60), { maxLength: 8 }),
        (bytes, starts, cuts) => {
          const progress = new OutputProgress();
          const given: Uint8Array[] = [];
          for (const start of [...starts, 0]) {
            // a stream that begins anew at or before where the last one ended, in pieces of its own
            let at = Math.min(start, progress.offsetOf("mi-1"));
            for (const cut of [...cuts, bytes.length]) {
              const end = Math.min(Math.max(at, cut), bytes.length);
              const event = progress.next({
                InstanceId: "mi-1",
                Offset: at,
                Data: Buffer.from(bytes.subarray(at, end)).toString("base64"),
              });
              if (event?.type === "data") given.push(event.bytes);
              at = end;
            }
          }
          expect(Buffer.concat(given)).toEqual(Buffer.from(bytes));
        },
      ),
    );
  });

  test("dropped bytes are counted once, also when the hole grew in between", () => {
    const progress = new OutputProgress();
    expect(progress.next(data(0, "ab"))).toMatchObject({ type: "data" });
    expect(progress.next({ InstanceId: "mi-1", Offset: 2, GapTo: 10 })).toEqual({
      type: "gap",
      instanceId: "mi-1",
      bytes: 8,
    });
    expect(progress.next({ InstanceId: "mi-1", Offset: 2, GapTo: 12 })).toEqual({
      type: "gap",
      instanceId: "mi-1",
      bytes: 2,
    });
    expect(progress.next({ InstanceId: "mi-1", Offset: 0, GapTo: 12 })).toBeUndefined();
    expect(progress.offsetOf("mi-1")).toBe(12);
  });

  test("a piece that leaves bytes out is an error, not a shorter output", () => {
    expect(() => new OutputProgress().next(data(1, "b"))).toThrow("skipped from byte 0 to 1");
  });

  test("the end is told once", () => {
    const progress = new OutputProgress();
    expect(progress.next(ended)).toMatchObject({ type: "status" });
    expect(progress.hasEnded("mi-1")).toBe(true);
    expect(progress.next(ended)).toBeUndefined();
  });
});

describe("lines of several hosts", () => {
  test("prefixed lines hold the same bytes in the same order, however they arrive", () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom("a", "é", "\n", "\r", "\0"), { maxLength: 60 }),
        fc.array(fc.integer({ min: 1, max: 7 })),
        (parts, sizes) => {
          const bytes = Buffer.from(parts.join(""));
          const prefixer = new LinePrefixer("h | ");
          const out: Buffer[] = [];
          for (let at = 0, turn = 0; at < bytes.length; turn++) {
            const size = sizes[turn % sizes.length] ?? 3;
            out.push(prefixer.push(bytes.subarray(at, at + size)));
            at += size;
          }
          out.push(prefixer.end());
          const text = bytes.toString();
          const lines = text === "" ? [] : text.replace(/\n$/, "").split("\n");
          expect(Buffer.concat(out).toString()).toBe(lines.map((line) => `h | ${line}\n`).join(""));
        },
      ),
    );
  });

  test("a line without end does not stay in memory", () => {
    const prefixer = new LinePrefixer("h | ");
    expect(prefixer.push(Buffer.alloc(70_000, "x")).length).toBe(70_005);
    expect(prefixer.end().length).toBe(0);
  });

  test("names that two hosts share are told apart", () => {
    const names = toNames(
      ["mi-1", "mi-2", "mi-3", "mi-4", "mi-5"],
      [host("mi-1", "db"), host("mi-2", "db"), host("mi-3", "", "web"), host("mi-4", "a\u001b[2Jb")],
    );
    expect([...names.values()]).toEqual(["db (mi-1)", "db (mi-2)", "web", "a\\x1b[2Jb", "mi-5"]);
  });
});

describe("the printer", () => {
  const bytes = Buffer.from([0xff, 0x00, 0x1b, 0x0a, 0xc3]);

  test("one host's bytes are not touched", async () => {
    const { io, printed } = open(false);
    const printer = new OutputPrinter(io, new Map([["mi-1", "h"]]), { escape: true });
    await printer.print({ type: "data", instanceId: "mi-1", bytes });
    expect(printed()).toEqual(bytes);
  });

  test("on a terminal logs show what would steer it", async () => {
    const { io, printed } = open(true);
    const printer = new OutputPrinter(io, new Map([["mi-1", "h"]]), { escape: true });
    await printer.print({
      type: "data",
      instanceId: "mi-1",
      bytes: Buffer.from("\u001b[2Jk\ta\nb\u0007\xc3".slice(0, -1)),
    });
    expect(printed().toString()).toBe("\\x1b[2Jk\ta\nb\\x07");
  });

  test("several hosts' names are padded alike", async () => {
    const { io, printed } = open(false);
    const printer = new OutputPrinter(
      io,
      new Map([
        ["mi-1", "a"],
        ["mi-2", "long"],
      ]),
    );
    await printer.print({ type: "data", instanceId: "mi-1", bytes: Buffer.from("x\ny") });
    await printer.print({ type: "data", instanceId: "mi-2", bytes: Buffer.from("z\n") });
    await printer.print({ type: "status", instanceId: "mi-1", line: ended as never });
    expect(printed().toString()).toBe("a    | x\nlong | z\na    | y\n");
  });
});

test("text from hosts cannot steer a terminal", () => {
  expect(printable("a\u001b]0;x\u0007\n\u202eb")).toBe("a\\x1b]0;x\\x07\\x0a\\u202eb");
  expect(printableLines("a\n\tb\r\n")).toBe("a\n\tb\\x0d\n");
});

test("a table is as wide as its cells", () => {
  expect(
    toTable(
      ["host", "n"],
      [
        ["a", 1],
        ["longer", 22],
      ],
    ),
  ).toBe("HOST    N\na       1\nlonger  22\n");
});

test("a result says why", () => {
  expect(statusText({ InvocationStatus: "Failed", ExitCode: 3, ErrorInfo: "x" })).toBe("Failed, exit code 3");
  expect(statusText({ InvocationStatus: "Timeout", ErrorInfo: "late\u001b" })).toBe("Timeout: late\\x1b");
  expect(statusText({ InvocationStatus: "Success", ExitCode: 0, ErrorInfo: "" })).toBe("Success");
});
