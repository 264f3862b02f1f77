import { isFinalRun } from "../../../domain/run.ts";
import type { OutputStore, OutputView } from "../../store.ts";
import type { Writer } from "../writer.ts";
import { isJoinable, planPiece, SMALL_BYTES } from "./output-bound.ts";
import type { OutputPieces } from "./output-pieces.ts";
import type { RunRow, RunRows } from "./run-rows.ts";

const NOTHING = new Uint8Array();

/** @param maxBytes kept of one run: the first quarter, and the newest of the rest. */
export function createOutput({ write }: Writer, pieces: OutputPieces, runs: RunRows, maxBytes: number): OutputStore {
  const store = (row: RunRow, bytes: Uint8Array): number => {
    const { seq, output_bytes: offset, stored_bytes: storedBytes } = row;
    const end = offset + bytes.length;
    const { kept, keepAfter } = planPiece(offset, bytes.length, maxBytes);
    let stored = storedBytes;
    for (const { length } of kept) stored += length;
    while (stored > maxBytes) {
      const oldest = pieces.findFrom(seq, keepAfter);
      if (!oldest) throw new Error(`run ${seq} has more stored bytes than pieces`);
      pieces.remove(seq, oldest.start);
      stored -= oldest.length;
    }
    for (const { start, length } of kept) keep(seq, start, bytes.subarray(start - offset, start - offset + length));
    runs.grow(row, end, stored);
    return end;
  };

  const keep = (seq: number, start: number, bytes: Uint8Array): void => {
    const last = start > 0 && bytes.length < SMALL_BYTES ? pieces.findAt(seq, start - 1) : undefined;
    if (last && isJoinable(last, start, bytes.length, maxBytes)) pieces.extend(seq, last.start, bytes);
    else pieces.insert(seq, start, bytes);
  };

  return {
    append: (ref, offset, bytes) =>
      write(() => {
        const row = runs.open(ref);
        if (row && isFinalRun(row.run)) return Math.max(row.output_bytes, offset + bytes.length);
        if (!row || row.output_bytes !== offset || bytes.length === 0) return row?.output_bytes;
        return store(row, bytes);
      }),
    appendGap: (ref, from, to) =>
      write(() => {
        const row = runs.open(ref);
        if (row && isFinalRun(row.run)) return Math.max(row.output_bytes, to);
        if (!row || row.output_bytes !== from || to <= from) return row?.output_bytes;
        runs.grow(row, to, row.stored_bytes);
        return to;
      }),
    view: async (ref, headBytes, tailBytes) => {
      const row = runs.find(ref);
      return row ? viewOf(row, headBytes, tailBytes) : { head: NOTHING, tail: NOTHING, outputBytes: 0 };
    },
    read: async (ref, offset, maxBytesToRead) => {
      const row = runs.find(ref);
      return row ? readOf(row, offset, maxBytesToRead) : { bytes: NOTHING, outputBytes: 0 };
    },
  };

  /** The tail begins after the head, so that no byte is in both. */
  function viewOf({ seq, output_bytes: outputBytes }: RunRow, headBytes: number, tailBytes: number): OutputView {
    const head: Uint8Array[] = [];
    let left = headBytes;
    let headEnd = 0;
    for (const { start, bytes } of pieces.ascending(seq, 0)) {
      const part = bytes.subarray(0, left);
      head.push(part);
      left -= part.length;
      headEnd = start + part.length;
      if (left === 0) break;
    }
    const tail: Uint8Array[] = [];
    left = tailBytes;
    for (const { start, bytes } of pieces.descending(seq, pieces.findAt(seq, headEnd)?.start ?? 0)) {
      const after = bytes.subarray(Math.max(0, headEnd - start));
      const part = after.subarray(Math.max(0, after.length - left));
      tail.push(part);
      left -= part.length;
      if (left === 0) break;
    }
    return { head: Buffer.concat(head), tail: Buffer.concat(tail.toReversed()), outputBytes };
  }

  function readOf(
    { seq, output_bytes: outputBytes }: RunRow,
    offset: number,
    wantedBytes: number,
  ): Awaited<ReturnType<OutputStore["read"]>> {
    if (offset >= outputBytes) return { bytes: NOTHING, outputBytes };
    const first = pieces.findAt(seq, offset);
    if (!first || first.start + first.length <= offset) {
      return { bytes: NOTHING, gapTo: pieces.findFrom(seq, offset)?.start ?? outputBytes, outputBytes };
    }
    const parts: Uint8Array[] = [];
    let at = offset;
    for (const { start, bytes } of pieces.ascending(seq, first.start)) {
      if (start > at || at >= offset + wantedBytes) break;
      const part = bytes.subarray(at - start, offset + wantedBytes - start);
      parts.push(part);
      at += part.length;
    }
    return { bytes: Buffer.concat(parts), outputBytes };
  }
}
