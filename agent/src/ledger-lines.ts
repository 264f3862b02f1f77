import { crc32 } from "node:zlib";
import { RunEnd } from "@cloud-assistant/shared/protocol/run-end";
import * as z from "zod";
import { parseJson } from "./parse-json.ts";

/** How a run ended, and how many bytes it had printed. */
export const EndRecord = z.object({ end: RunEnd, outputBytes: z.int().min(0) });
export type EndRecord = z.infer<typeof EndRecord>;

const known = {
  run: z.string(),
  /** Until then the order may arrive again, epoch milliseconds. */
  expiresMs: z.int(),
};
/** It may have started; everything else about it is in its directory, as long as the host does not go down. */
const AcceptedLine = z.object({ ...known, bootId: z.string() });
/** It is over or was refused; `acknowledged`: the server has committed this end. */
export const EndedLine = z.object({ ...known, ...EndRecord.shape, acknowledged: z.boolean() });
export type AcceptedLine = z.infer<typeof AcceptedLine>;
export type EndedLine = z.infer<typeof EndedLine>;
const Line = z.union([EndedLine, AcceptedLine]);
export type LedgerLine = z.infer<typeof Line>;

export function isEnded(line: LedgerLine): line is EndedLine {
  return "end" in line;
}

/** What a file held, read as far as it goes. */
export type LedgerText = {
  /** In the order they were written; the last one of a run counts. */
  readonly lines: readonly LedgerLine[];
  /** Where the next line goes. What stands behind it is a line that a crash cut off, which nobody relied on yet, or padding. */
  readonly endBytes: number;
  /** Lines before the last good one that cannot be read: what they said is lost. */
  readonly damaged: number;
};

/** A checksum in hex, a space, and JSON: a line whose sectors did not all reach the disk is told from a whole one. */
export function toText(lines: Iterable<LedgerLine>): string {
  let text = "";
  for (const line of lines) {
    const json = JSON.stringify(line);
    text += `${checksum(json)} ${json}\n`;
  }
  return text;
}

export function readLedger(file: Buffer): LedgerText {
  const lines: LedgerLine[] = [];
  let endBytes = 0;
  let damaged = 0;
  let bad = 0;
  for (let at = 0, feed = file.indexOf("\n"); feed >= 0; at = feed + 1, feed = file.indexOf("\n", at)) {
    const line = readLine(file.toString("utf8", at, feed));
    if (!line) {
      bad += 1;
      continue;
    }
    lines.push(line);
    endBytes = feed + 1;
    damaged += bad;
    bad = 0;
  }
  return { lines, endBytes, damaged };
}

function readLine(text: string): LedgerLine | undefined {
  const json = text.slice(9);
  return text.slice(0, 9) === `${checksum(json)} ` ? Line.safeParse(parseJson(json)).data : undefined;
}

function checksum(text: string): string {
  return crc32(text).toString(16).padStart(8, "0");
}
