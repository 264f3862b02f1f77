import { closeSync, openSync, readFileSync, readSync, statSync } from "node:fs";
import { join } from "node:path";

export type SpoolPiece =
  | { readonly type: "bytes"; readonly bytes: Buffer }
  /** The writer dropped the bytes up to `to`. */
  | { readonly type: "gap"; readonly to: number }
  /** Nothing more for now. */
  | { readonly type: "nothing" };

type Segment = { readonly from: number; readonly bytes: number; readonly dropped: boolean };

/**
 * The output of a run as its writer keeps it: segments `out.N`, of which the oldest middle ones give way (`dropped` says
 * how long they were). Offsets count every byte the script printed. The script's output ends at the end mark; bytes that
 * may be the beginning of the mark are held back until it is clear.
 */
export class Spool {
  readonly #dir: string;
  readonly #mark: Buffer;
  /** Offset of the end mark, once found. */
  #end: number | undefined;
  #scanned = 0;
  #carry = Buffer.alloc(0);

  constructor(dir: string, mark: string) {
    this.#dir = dir;
    this.#mark = Buffer.from(mark);
  }

  /** Where the script's output ends; undefined until its end mark is in the spool. */
  findEnd(): number | undefined {
    while (this.#end === undefined) {
      const piece = this.#readAt(this.#scanned, 1 << 20);
      if (piece.type === "nothing") return undefined;
      if (piece.type === "gap") {
        this.#scanned = piece.to;
        this.#carry = Buffer.alloc(0);
        continue;
      }
      const text = Buffer.concat([this.#carry, piece.bytes]);
      const at = text.indexOf(this.#mark);
      if (at >= 0) this.#end = this.#scanned - this.#carry.length + at;
      this.#scanned += piece.bytes.length;
      this.#carry = text.subarray(Math.max(0, text.length - this.#mark.length + 1));
    }
    return this.#end;
  }

  /** At most `limit` bytes of the script's output from `offset` on. */
  read(offset: number, limit: number): SpoolPiece {
    const end = this.findEnd();
    if (end !== undefined && offset >= end) return { type: "nothing" };
    const piece = this.#readAt(offset, limit);
    if (piece.type === "gap") return end === undefined ? piece : { type: "gap", to: Math.min(piece.to, end) };
    if (piece.type === "nothing") return piece;
    if (end !== undefined) return { type: "bytes", bytes: piece.bytes.subarray(0, end - offset) };
    // what may be the beginning of the mark waits
    const bytes = piece.bytes.subarray(0, Math.max(0, Math.min(piece.bytes.length, this.#scanned - this.#heldBack() - offset)));
    return bytes.length > 0 ? { type: "bytes", bytes } : { type: "nothing" };
  }


  /** No end mark will come: what is there now is all. */
  endHere(): number {
    this.#end ??= this.findEnd() ?? this.#scanned;
    return this.#end;
  }

  #heldBack(): number {
    for (let length = Math.min(this.#carry.length, this.#mark.length - 1); length > 0; length--) {
      if (this.#carry.subarray(this.#carry.length - length).equals(this.#mark.subarray(0, length))) return length;
    }
    return 0;
  }

  #readAt(offset: number, limit: number): SpoolPiece {
    const segments = this.#segments();
    const index = segments.findIndex(({ from, bytes }) => offset < from + bytes);
    const segment = segments[index];
    if (!segment) return { type: "nothing" };
    if (segment.dropped) {
      let to = segment.from + segment.bytes;
      for (const next of segments.slice(index + 1)) {
        if (!next.dropped) break;
        to = next.from + next.bytes;
      }
      return { type: "gap", to };
    }
    const bytes = Buffer.allocUnsafe(Math.min(limit, segment.from + segment.bytes - offset));
    try {
      const file = openSync(join(this.#dir, `out.${index}`), "r");
      try {
        return { type: "bytes", bytes: bytes.subarray(0, readSync(file, bytes, 0, bytes.length, offset - segment.from)) };
      } finally {
        closeSync(file);
      }
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
      return this.#readAt(offset, limit); // dropped between the look and the read
    }
  }

  #segments(): Segment[] {
    const dropped = this.#dropped();
    const segments: Segment[] = [];
    for (let from = 0; ; ) {
      const lost = dropped.get(segments.length);
      const bytes = lost ?? statSync(join(this.#dir, `out.${segments.length}`), { throwIfNoEntry: false })?.size;
      if (bytes === undefined) return segments;
      segments.push({ from, bytes, dropped: lost !== undefined });
      from += bytes;
    }
  }

  #dropped(): Map<number, number> {
    const text = statSync(join(this.#dir, "dropped"), { throwIfNoEntry: false }) ? readFileSync(join(this.#dir, "dropped"), "utf8") : "";
    return new Map(
      text
        .split("\n")
        .slice(0, -1)
        .map((line) => line.split(" ").map(Number) as [number, number]),
    );
  }
}
