import type { Clock } from "@cloud-assistant/shared/clock";
import type { HeldRun, WelcomePayload } from "@cloud-assistant/shared/protocol/frames";
import type { RunKey } from "@cloud-assistant/shared/vocabulary";
import type { ActiveRun } from "./active-run.ts";
import type { Uplink } from "./engine.ts";
import type { EndRecord } from "./ledger-lines.ts";
import { endedId, Reporter, startedId } from "./reporter.ts";
import { runName } from "./run-name.ts";
import type { Spool, SpoolPiece } from "./spool.ts";
import type { OnAgentStep } from "./steps.ts";

/** A run that is held: on disk, or only remembered until the server has its end. */
export type Entry = {
  readonly run: RunKey;
  readonly name: string;
  readonly expiresMs: number;
  readonly reporter: Reporter;
  /** Absent: only remembered. */
  readonly spool: Spool | undefined;
  active?: ActiveRun;
  ended?: EndRecord;
  /** Whether its end has become durable; absent: it is not known here. */
  saved?: Promise<boolean>;
  /** Its end is acknowledged: settles when it is remembered and its directory is gone. */
  leaving?: Promise<void>;
  end: (end: EndRecord) => void;
  pump: () => void;
};

export type ReportingOptions = {
  readonly clock: Clock;
  readonly onStep: OnAgentStep;
  readonly onEndAcknowledged: (entry: Entry) => Promise<void>;
};

/** All held runs and the connection, if there is one, over which the server is told of them. */
export class Reporting {
  readonly #options: ReportingOptions;
  readonly #entries = new Map<string, Entry>();
  /** Those who had more to say when the socket was full. */
  readonly #stalled = new Set<Entry>();
  #connection: { readonly uplink: Uplink; readonly over: AbortController } | undefined;

  constructor(options: ReportingOptions) {
    this.#options = options;
  }

  add({ invokeId, iteration }: RunKey, expiresMs: number, spool?: Spool): Entry {
    const run = { invokeId, iteration };
    const output = { read: (offset: number, limit: number): SpoolPiece => readOutput(entry, offset, limit) };
    const entry: Entry = {
      run,
      name: runName(run),
      expiresMs,
      spool,
      reporter: new Reporter(run, output, () => this.#options.onStep("end sent", run)),
      end: (end) => {
        entry.ended = end;
        entry.reporter.ended(end);
        this.#pump(entry);
      },
      pump: () => this.#pump(entry),
    };
    this.#entries.set(entry.name, entry);
    return entry;
  }

  find(name: string): Entry | undefined {
    return this.#entries.get(name);
  }

  remove(entry: Entry): void {
    this.#entries.delete(entry.name);
    this.#stalled.delete(entry);
  }

  held(): HeldRun[] {
    return [...this.#entries.values()].map(({ run, ended }) => ({ ...run, ended: ended !== undefined }));
  }

  connected(uplink: Uplink, { want, drop, resendMs }: WelcomePayload): void {
    this.disconnected();
    const over = new AbortController();
    this.#connection = { uplink, over };
    for (const run of drop) this.#endAcknowledged(this.find(runName(run)));
    const wanted = new Map(want.map((run) => [runName(run), run.offset]));
    for (const entry of this.#entries.values()) {
      entry.reporter.rewind(wanted.get(entry.name));
      this.#pump(entry);
    }
    void this.#sayAgain(resendMs, over.signal);
  }

  disconnected(): void {
    this.#connection?.over.abort();
    this.#connection = undefined;
    this.#stalled.clear();
  }

  acknowledged(ids: readonly string[]): void {
    for (const id of ids) {
      const entry = this.find(id.slice(id.indexOf(":") + 1));
      if (!entry) continue;
      if (id === startedId(entry.run)) entry.reporter.startAcknowledged();
      if (id === endedId(entry.run)) this.#endAcknowledged(entry);
    }
  }

  outputAcknowledged(run: RunKey, offset: number): void {
    const entry = this.find(runName(run));
    entry?.reporter.outputAcknowledged(offset);
    for (const waiting of [...this.#stalled, ...(entry ? [entry] : [])]) this.#pump(waiting);
  }

  #endAcknowledged(entry: Entry | undefined): void {
    if (!entry?.ended || entry.leaving) return;
    entry.leaving = this.#options.onEndAcknowledged(entry);
  }

  #pump(entry: Entry): void {
    if (!this.#connection || entry.leaving) return;
    if (entry.reporter.pump(this.#connection.uplink)) this.#stalled.delete(entry);
    else this.#stalled.add(entry);
  }

  async #sayAgain(resendMs: number, over: AbortSignal): Promise<void> {
    for (;;) {
      await this.#options.clock.sleep(resendMs, over).catch(() => undefined);
      if (over.aborted) return;
      for (const entry of this.#entries.values()) {
        entry.reporter.sayAgain();
        this.#pump(entry);
      }
    }
  }
}

/** Output up to the end; what is missing before it was dropped. */
function readOutput({ ended, spool, active }: Entry, offset: number, limit: number): SpoolPiece {
  if (!ended) return active?.read(offset, limit) ?? { type: "nothing" };
  if (offset >= ended.outputBytes) return { type: "nothing" };
  const piece = spool?.read(offset, Math.min(limit, ended.outputBytes - offset), true);
  if (piece?.type === "bytes") return piece;
  return { type: "gap", to: Math.min(piece?.type === "gap" ? piece.to : Infinity, ended.outputBytes) };
}
