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
const SCAN_BYTES = 1024 * 1024;

/**
 * The output of a run as its writer keeps it: segments named by the offset they begin at; what no segment holds is
 * dropped. The end mark stands behind the script's last byte.
 */
export class Spool {
  readonly #dir: string;
  readonly #mark: Buffer;
  #scanned: number | undefined;

  constructor(dir: string, mark: string) {
    this.#dir = dir;
    this.#mark = Buffer.from(mark);
  }

  /** What stands at `offset`, as it is: it may hold the end mark. At most `limit` bytes. */
  read(offset: number, limit: number): SpoolPiece {
    for (;;) {
      const piece = this.#tryRead(offset, limit);
      if (piece) return piece;
    }
  }

  /**
   * Where the script's output ends, once the mark is in the spool. To be called only after the script's exit was seen;
   * looks at each byte once.
   */
  findMark(): number | undefined {
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
        const next = this.#tryRead(this.#scanned + piece.bytes.length, 1);
        if (next?.type !== "gap") return undefined;
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

  /** Undefined: a segment went away between two looks; look again. */
  #tryRead(offset: number, limit: number): SpoolPiece | undefined {
    const segment = segmentAt(this.#segments(), offset);
    if (!segment) return { type: "nothing" };
    if (segment.from > offset) {
      // a listing may miss what is made while it is read: only what a second one does not know either is gone
      const again = segmentAt(this.#segments(), offset);
      return again && again.from > offset ? { type: "gap", to: again.from } : undefined;
    }
    const bytes = Buffer.allocUnsafe(Math.min(limit, segment.to - offset));
    try {
      const file = openSync(join(this.#dir, `out.${segment.from}`), "r");
      try {
        return { type: "bytes", bytes: bytes.subarray(0, readSync(file, bytes, 0, bytes.length, offset - segment.from)) };
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
    const first = this.read(offset, limit);
    if (first.type !== "bytes") return first;
    const pieces = [first.bytes];
    for (let length = first.bytes.length; length < limit; ) {
      const next = this.read(offset + length, limit - length);
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
