import { closeSync, openSync, readdirSync, readSync, statSync } from "node:fs";
import { join } from "node:path";

export type SpoolPiece =
  | { readonly type: "bytes"; readonly bytes: Buffer }
  /** The bytes up to `to` were dropped. */
  | { readonly type: "gap"; readonly to: number }
  /** Nothing more for now. */
  | { readonly type: "nothing" };

/** Bytes from `from` up to `to` of everything the script printed, in the file `out.<from>`. */
export type Segment = { readonly from: number; readonly to: number };

/**
 * How far from the spool's end its end mark can be, bytes: what one look of the writer may take (4 MiB), once more when it
 * looked just before the mark was written, and the last reads (1.25 MiB).
 */
const MARK_WITHIN_BYTES = 10 * 1024 * 1024;
const SCAN_BYTES = 256 * 1024;
/** Reads go through here and are copied at their size: a large buffer for every few bytes would keep the collector busy. */
const scratch = Buffer.allocUnsafe(SCAN_BYTES);
/** The writer begins another segment only after at least one whole read, bytes; after a failure also sooner. */
const SMALLEST_SEGMENT_BYTES = 32 * 1024;

/**
 * The output of a run as its writer keeps it: segments named by the offset they begin at; what no segment holds is
 * dropped. The end mark stands behind the script's last byte.
 */
export class Spool {
  readonly #dir: string;
  readonly #mark: Buffer;
  /** The segment that was read last. */
  #current = 0;
  #scanned: number | undefined;

  constructor(dir: string, mark: string) {
    this.#dir = dir;
    this.#mark = Buffer.from(mark);
  }

  /**
   * What stands at `offset`, as it is: it may hold the end mark. At most `limit` bytes.
   * @param over nothing more is to come: look whether more lies behind a gap, however little there was before it.
   */
  read(offset: number, limit: number, over = false): SpoolPiece {
    for (;;) {
      const piece = this.#tryRead(offset, limit, over);
      if (piece) return piece;
    }
  }

  /**
   * Where the script's output ends, once the mark is in the spool. To be called only after the script's exit was seen;
   * looks at each byte once.
   */
  findMark(): number | undefined {
    if (this.#scanned === undefined) {
      const all = this.#readSegment(0, 0, SCAN_BYTES); // most runs print no more than that
      const at = all?.indexOf(this.#mark) ?? -1;
      if (at >= 0) return at;
    }
    const overlap = this.#mark.length - 1;
    this.#scanned ??= Math.max(0, this.bytes() - MARK_WITHIN_BYTES);
    for (;;) {
      const piece = this.#readFar(this.#scanned, SCAN_BYTES);
      if (piece.type === "nothing") return undefined;
      if (piece.type === "gap") {
        this.#scanned = piece.to;
        continue;
      }
      const at = piece.bytes.indexOf(this.#mark);
      if (at >= 0) return this.#scanned + at;
      if (piece.bytes.length <= overlap) {
        const next = this.read(this.#scanned + piece.bytes.length, 1, true);
        if (next.type !== "gap") return undefined;
        this.#scanned = next.to;
        continue;
      }
      this.#scanned += piece.bytes.length - overlap;
    }
  }

  /** Where the output ends when its mark is lost: everything there is, without what may be a piece of the mark. */
  endWithoutMark(): number {
    const bytes = this.bytes();
    const tail = this.#readFar(Math.max(0, bytes - this.#mark.length), this.#mark.length);
    if (tail.type !== "bytes") return bytes;
    for (let length = Math.min(tail.bytes.length, this.#mark.length - 1); length > 0; length--) {
      if (tail.bytes.subarray(tail.bytes.length - length).equals(this.#mark.subarray(0, length))) return bytes - length;
    }
    return bytes;
  }

  /** Everything that came out so far, what was dropped included. */
  bytes(): number {
    return this.#segments().at(-1)?.to ?? 0;
  }

  /** Undefined: a segment went away, or came, between two looks; look again. */
  #tryRead(offset: number, limit: number, over: boolean): SpoolPiece | undefined {
    // without a listing: on in the same segment, or in the one that begins here
    const bytes = this.#readSegment(this.#current, offset, limit) ?? this.#readSegment(offset, offset, limit);
    if (bytes) return { type: "bytes", bytes };
    if (!over && offset - this.#current < SMALLEST_SEGMENT_BYTES) return { type: "nothing" }; // no other was begun after so little
    const segment = segmentAt(this.#segments(), offset);
    if (!segment) return { type: "nothing" };
    if (segment.from <= offset) {
      this.#current = segment.from;
      return undefined;
    }
    // a listing may miss what is made while it is read: only what a second one does not know either is gone
    const again = segmentAt(this.#segments(), offset);
    return again && again.from > offset ? { type: "gap", to: again.from } : undefined;
  }

  #readSegment(from: number, offset: number, limit: number): Buffer | undefined {
    if (offset < from) return undefined;
    try {
      const file = openSync(join(this.#dir, `out.${from}`), "r");
      try {
        const length = readSync(file, scratch, 0, Math.min(limit, scratch.length), offset - from);
        if (length === 0) return undefined;
        this.#current = from;
        return Buffer.from(scratch.subarray(0, length));
      } finally {
        closeSync(file);
      }
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
      return undefined;
    }
  }

  /** Like `read`, over the border of segments that touch. */
  #readFar(offset: number, limit: number): SpoolPiece {
    const first = this.read(offset, limit, true);
    if (first.type !== "bytes") return first;
    const pieces = [first.bytes];
    for (let length = first.bytes.length; length < limit;) {
      const next = this.read(offset + length, limit - length, true);
      if (next.type !== "bytes" || next.bytes.length === 0) break;
      pieces.push(next.bytes);
      length += next.bytes.length;
    }
    return { type: "bytes", bytes: Buffer.concat(pieces) };
  }

  #segments(): Segment[] {
    return readdirSync(this.#dir)
      .filter((name) => name.startsWith("out."))
      .map((name) => {
        const from = Number(name.slice("out.".length));
        return { from, to: from + (statSync(join(this.#dir, name), { throwIfNoEntry: false })?.size ?? 0) };
      })
      .toSorted((a, b) => a.from - b.from);
  }
}

/** The segment that holds the byte at `offset`, else the next one after it that holds anything. Segments are in order. */
export function segmentAt(segments: readonly Segment[], offset: number): Segment | undefined {
  return segments.find(({ from, to }) => offset < to && from < to);
}
