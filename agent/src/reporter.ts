import { OUTPUT_CHUNK_BYTES, OUTPUT_WINDOW_BYTES } from "@cloud-assistant/shared/limits";
import type { RunKey } from "@cloud-assistant/shared/vocabulary";
import type { Uplink } from "./engine.ts";
import type { EndRecord } from "./ledger-lines.ts";
import { runName } from "./run-name.ts";
import type { SpoolPiece } from "./spool.ts";

/** Bytes waiting in the socket at which the spool is left alone for a while. */
const SOCKET_FULL_BYTES = 1024 * 1024;

/** What may be told of a run's output at this moment; a run whose directory is gone has only gaps to tell. */
export type Output = { read: (offset: number, limit: number) => SpoolPiece };

/**
 * What the server has been told of one run, and what it has acknowledged. Output goes out in a window from the
 * acknowledged offset; the end goes out when all output is acknowledged. Whatever is not acknowledged is said again.
 */
export class Reporter {
  readonly #run: RunKey;
  readonly #output: Output;
  readonly #onEndSent: () => void;
  #started: { readonly atMs: number; sent: boolean; acknowledged: boolean } | undefined;
  #end: EndRecord | undefined;
  #endSent = false;
  #sent = 0;
  #acknowledged = 0;
  #answered = false;

  constructor(run: RunKey, output: Output, onEndSent: () => void) {
    this.#run = { invokeId: run.invokeId, iteration: run.iteration };
    this.#output = output;
    this.#onEndSent = onEndSent;
  }

  started(atMs: number): void {
    this.#started ??= { atMs, sent: false, acknowledged: false };
  }

  ended(end: EndRecord): void {
    this.#end = end;
  }

  startAcknowledged(): void {
    this.#answered = true;
    if (this.#started) this.#started.acknowledged = true;
  }

  outputAcknowledged(offset: number): void {
    this.#answered = true;
    if (offset < this.#acknowledged) this.#endSent = false; // the server was set back
    if (offset < this.#acknowledged || offset > this.#sent) this.#sent = offset;
    this.#acknowledged = offset;
  }

  /** A new connection: everything unacknowledged is said again, output from where the server wants it. */
  rewind(offset = this.#acknowledged): void {
    this.#acknowledged = offset;
    this.#sent = offset;
    this.#endSent = false;
    this.#answered = false;
    if (this.#started) this.#started.sent = false;
  }

  /** To be called every now and then on a connection: says again what has been without an answer since the last call. */
  sayAgain(): void {
    if (!this.#answered) this.rewind();
    this.#answered = false;
  }

  /** Whoever asks for a run that is over is told so at once. */
  repeatEnd(): void {
    this.#endSent = false;
  }

  /** Says what can be said now. @returns false when the socket was too full for more. */
  pump(uplink: Uplink): boolean {
    if (this.#started && !this.#started.sent && !this.#started.acknowledged) {
      this.#started.sent = true;
      uplink.send({ type: "started", id: startedId(this.#run), ...this.#run, atMs: this.#started.atMs });
    }
    if (!this.#pumpOutput(uplink)) return false;
    if (this.#end && !this.#endSent && this.#acknowledged >= this.#end.outputBytes) {
      this.#endSent = true;
      uplink.send({ type: "ended", id: endedId(this.#run), ...this.#run, ...this.#end });
      this.#onEndSent();
    }
    return true;
  }

  #pumpOutput(uplink: Uplink): boolean {
    while (this.#sent < this.#acknowledged + OUTPUT_WINDOW_BYTES) {
      if (uplink.bufferedBytes() >= SOCKET_FULL_BYTES) return false;
      const piece = this.#output.read(this.#sent, OUTPUT_CHUNK_BYTES);
      if (piece.type === "nothing") return true;
      if (piece.type === "gap") {
        uplink.send({ type: "gap", ...this.#run, from: this.#sent, to: piece.to });
        this.#sent = piece.to; // a wide one fills the window: what follows waits until it is acknowledged
      } else {
        uplink.sendOutput({ ...this.#run, offset: this.#sent, bytes: piece.bytes });
        this.#sent += piece.bytes.length;
      }
    }
    return true;
  }
}

export function startedId(run: RunKey): string {
  return `started:${runName(run)}`;
}

export function endedId(run: RunKey): string {
  return `ended:${runName(run)}`;
}
