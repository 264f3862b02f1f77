import { OUTPUT_CHUNK_BYTES, OUTPUT_WINDOW_BYTES } from "@cloud-assistant/shared/limits";
import type { RunKey } from "@cloud-assistant/shared/vocabulary";
import type { Uplink } from "./engine.ts";
import { runName, type EndRecord } from "./runs.ts";
import type { Spool } from "./spool.ts";

/** Bytes waiting in the socket at which the spool is left alone for a while. */
const SOCKET_FULL_BYTES = 1024 * 1024;

/**
 * What the server has been told of one run, and what it has acknowledged. Output goes out in a window from the
 * acknowledged offset; the end goes out when all output is acknowledged. Whatever is not acknowledged is said again.
 */
export class Reporter {
  readonly #run: RunKey;
  readonly #spool: Spool | undefined;
  readonly #onEndSent: () => void;
  #started: { readonly atMs: number; sent: boolean; acknowledged: boolean } | undefined;
  #end: EndRecord | undefined;
  #endSent = false;
  #sent = 0;
  #acknowledged = 0;

  constructor(run: RunKey, spool: Spool | undefined, onEndSent: () => void) {
    this.#run = run;
    this.#spool = spool;
    this.#onEndSent = onEndSent;
  }

  static startedId(run: RunKey): string {
    return `started:${runName(run)}`;
  }

  static endedId(run: RunKey): string {
    return `ended:${runName(run)}`;
  }

  started(atMs: number): void {
    this.#started ??= { atMs, sent: false, acknowledged: false };
  }

  ended(end: EndRecord): void {
    this.#end = end;
  }

  startAcknowledged(): void {
    if (this.#started) this.#started.acknowledged = true;
  }

  outputAcknowledged(offset: number): void {
    if (offset < this.#acknowledged || offset > this.#sent) this.#sent = offset; // it has less, or more, than we believed
    this.#acknowledged = offset;
  }

  /** A new connection, or too long without an answer: everything unacknowledged is said again. */
  rewind(offset = this.#acknowledged): void {
    this.#acknowledged = offset;
    this.#sent = offset;
    this.#endSent = false;
    if (this.#started) this.#started.sent = false;
  }

  /** Says what can be said now. */
  pump(uplink: Uplink): void {
    if (this.#started && !this.#started.sent && !this.#started.acknowledged) {
      this.#started.sent = true;
      uplink.send({ type: "started", id: Reporter.startedId(this.#run), ...key(this.#run), atMs: this.#started.atMs });
    }
    this.#pumpOutput(uplink);
    if (!this.#end || this.#endSent || this.#acknowledged < this.#end.outputBytes) return;
    this.#endSent = true;
    uplink.send({ type: "ended", id: Reporter.endedId(this.#run), ...key(this.#run), ...this.#end });
    this.#onEndSent();
  }

  #pumpOutput(uplink: Uplink): void {
    const limit = this.#end?.outputBytes ?? Infinity;
    while (this.#spool && this.#sent < limit && this.#sent - this.#acknowledged < OUTPUT_WINDOW_BYTES && uplink.bufferedBytes() < SOCKET_FULL_BYTES) {
      const piece = this.#spool.read(this.#sent, Math.min(OUTPUT_CHUNK_BYTES, limit - this.#sent));
      if (piece.type === "nothing") return;
      if (piece.type === "gap") {
        const to = Math.min(piece.to, limit);
        uplink.send({ type: "gap", ...key(this.#run), from: this.#sent, to });
        this.#sent = to;
        return; // the window cannot measure a gap: wait until it is acknowledged
      }
      uplink.sendOutput({ ...key(this.#run), offset: this.#sent, bytes: piece.bytes });
      this.#sent += piece.bytes.length;
    }
  }
}

function key({ invokeId, iteration }: RunKey): RunKey {
  return { invokeId, iteration };
}
