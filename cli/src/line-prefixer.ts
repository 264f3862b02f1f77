/** A line longer than this is given out in parts, bytes: one host must not fill the memory. */
const MAX_LINE_BYTES = 64 * 1024;

const LINE_FEED = 0x0a;

/** Cuts the output of one of many hosts into whole lines, each with the host's name before it. */
export class LinePrefixer {
  readonly #prefix: Buffer;
  #rest: Buffer[] = [];
  #restBytes = 0;

  constructor(prefix: string) {
    this.#prefix = Buffer.from(prefix);
  }

  /** @returns the lines that are whole now, to be written at once. */
  push(bytes: Uint8Array): Buffer {
    const out: Buffer[] = [];
    let from = 0;
    for (let at = bytes.indexOf(LINE_FEED); at >= 0; at = bytes.indexOf(LINE_FEED, from)) {
      out.push(this.#prefix, ...this.#rest, Buffer.from(bytes.subarray(from, at + 1)));
      this.#clear();
      from = at + 1;
    }
    if (from < bytes.length) this.#keep(Buffer.from(bytes.subarray(from)));
    if (this.#restBytes > MAX_LINE_BYTES) out.push(this.end());
    return Buffer.concat(out);
  }

  /** @returns what is left of a line without an end, made a line. */
  end(): Buffer {
    if (this.#restBytes === 0) return Buffer.alloc(0);
    const line = Buffer.concat([this.#prefix, ...this.#rest, Buffer.from("\n")]);
    this.#clear();
    return line;
  }

  #keep(bytes: Buffer): void {
    this.#rest.push(bytes);
    this.#restBytes += bytes.length;
  }

  #clear(): void {
    this.#rest = [];
    this.#restBytes = 0;
  }
}
