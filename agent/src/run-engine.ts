import { chmodSync, mkdirSync } from "node:fs";
import type { HeldRun, WelcomePayload } from "@cloud-assistant/shared/protocol/frames";
import type { Order, StopOrder, TaskOrder } from "@cloud-assistant/shared/protocol/orders";
import type { RunEnd } from "@cloud-assistant/shared/protocol/run-end";
import type { RunKey } from "@cloud-assistant/shared/vocabulary";
import { ActiveRuns, type ActiveRunsOptions } from "./active-runs.ts";
import type { Engine, Uplink } from "./engine.ts";
import { readBootId } from "./launch/procfs.ts";
import { isEnded, type AcceptedLine, type EndedLine, type EndRecord, type LedgerLine } from "./ledger-lines.ts";
import { Ledger } from "./ledger.ts";
import { adoptOldLayout } from "./old-layout.ts";
import { prepare, type OpenSecrets } from "./preparation.ts";
import { Reporting, type Entry } from "./reporting.ts";
import { runName, toRunKey } from "./run-name.ts";
import { toRecord, type RunRecord } from "./run-record.ts";
import { Runs } from "./runs.ts";
import { interrupted, restarted } from "./run-ends.ts";
import { Spool } from "./spool.ts";
import type { OnAgentStep } from "./steps.ts";

export type EngineOptions = ActiveRunsOptions & {
  readonly stateDir: string;
  readonly instanceId: string;
  readonly openSecrets?: OpenSecrets;
};

/** An order may arrive until it expires, and a little longer where clocks differ: an hour is more than they may. */
const REMEMBER_MS = 3_600_000;
const UNFINISHED = "run could not be brought to its end; it is taken up at the next start";

/**
 * Opens the ledger and goes on with every run in it.
 * @throws {RangeError} when `spoolMaxBytes` is too small.
 */
export async function openEngine(options: EngineOptions): Promise<Engine> {
  mkdirSync(options.stateDir, { recursive: true, mode: 0o711 });
  chmodSync(options.stateDir, 0o711);
  adoptOldLayout(options.stateDir, REMEMBER_MS);
  const engine = new RunEngine(options);
  engine.adopt();
  return engine;
}

class RunEngine implements Engine {
  readonly ledgerId: string;
  readonly #options: EngineOptions;
  readonly #runs: Runs;
  readonly #ledger: Ledger;
  readonly #onStep: OnAgentStep;
  readonly #bootId = readBootId();
  readonly #reporting: Reporting;
  readonly #active: ActiveRuns;
  readonly #taking = new Map<string, Promise<void>>();
  /** Writes under way that `close` waits for. */
  readonly #writes = new Set<Promise<void>>();
  readonly #closed = new AbortController();
  #closing: Promise<void> | undefined;

  constructor(options: EngineOptions) {
    const { stateDir, clock } = options;
    this.#options = options;
    this.#onStep = options.onStep ?? (() => undefined);
    this.#runs = new Runs(stateDir);
    this.#ledger = new Ledger(stateDir, () => clock.now());
    this.ledgerId = this.#ledger.id;
    const { damagedLines } = this.#ledger;
    if (damagedLines > 0)
      options.log.error(
        { damagedLines },
        "the ledger is damaged: it is another one from now on, and what is missing in it does not run again",
      );
    this.#reporting = new Reporting({
      clock,
      onStep: this.#onStep,
      onEndAcknowledged: (entry) => this.#write(this.#letGo(entry)),
    });
    this.#active = new ActiveRuns(
      options,
      this.#runs,
      this.ledgerId,
      (name) => this.#reporting.find(name) !== undefined,
    );
  }

  adopt(): void {
    const onDisk = new Set(this.#runs.list().map(runName));
    for (const line of this.#ledger.lines()) {
      const found = onDisk.delete(line.run);
      this.#guarded(line.run, (run) =>
        isEnded(line) ? this.#adoptEnded(run, line, found) : this.#adoptRun(run, line, found),
      );
    }
    for (const name of onDisk) this.#guarded(name, (run) => this.#adoptUnknown(run));
    this.#active.sweepCgroups();
  }

  async take(order: Order, expired: boolean): Promise<void> {
    const name = runName(order);
    const before = this.#taking.get(name) ?? Promise.resolve();
    const taking = before.catch(() => undefined).then(() => this.#take(order, expired)); // whoever asked was told
    this.#taking.set(name, taking);
    try {
      await taking;
    } finally {
      if (this.#taking.get(name) === taking) this.#taking.delete(name);
    }
  }

  held(): HeldRun[] {
    return this.#reporting.held();
  }

  connected(uplink: Uplink, welcome: WelcomePayload): void {
    this.#ledger.forget();
    this.#reporting.connected(uplink, welcome);
  }

  disconnected(): void {
    this.#reporting.disconnected();
  }

  acknowledged(ids: readonly string[]): void {
    this.#reporting.acknowledged(ids);
  }

  outputAcknowledged(run: RunKey, offset: number): void {
    this.#reporting.outputAcknowledged(run, offset);
  }

  close(): Promise<void> {
    return (this.#closing ??= this.#close());
  }

  async #close(): Promise<void> {
    this.#closed.abort();
    this.#active.stop();
    this.disconnected();
    await Promise.allSettled([...this.#taking.values(), ...this.#writes]);
    this.#active.close();
    this.#ledger.close();
  }

  /** What is on disk stays as it is when it cannot be read: the ledger refuses an order for this run, so it never runs again. */
  #guarded(name: string, adopt: (run: RunKey) => void): void {
    const run = toRunKey(name);
    try {
      adopt(run);
    } catch (error) {
      this.#options.log.error({ err: error, ...run }, "run on disk is damaged and was left alone");
    }
  }

  #adoptEnded(run: RunKey, line: EndedLine, found: boolean): void {
    if (found && line.acknowledged) return this.#runs.remove(run);
    if (found) this.#runs.removeScript(run); // it may hold secrets, and the agent may have died before it removed it
    if (!line.acknowledged) this.#reporting.add(run, line.expiresMs, found ? this.#spoolOf(run) : undefined).end(line);
  }

  #adoptRun(run: RunKey, line: AcceptedLine, found: boolean): void {
    const reason = line.bootId === this.#bootId ? undefined : restarted(this.#options.clock.now());
    if (!found)
      return this.#lose(this.#reporting.add(run, line.expiresMs), reason ?? interrupted("its directory is gone"));
    if (reason) return this.#lose(this.#reporting.add(run, line.expiresMs, this.#spoolOf(run)), reason);
    const record = this.#runs.record(run);
    this.#start(this.#reporting.add(run, line.expiresMs, new Spool(this.#runs.path(run), record.mark)), record, true);
  }

  /** A directory the ledger does not know: never accepted; or the ledger was lost, and the run may be running. */
  #adoptUnknown(run: RunKey): void {
    if (!this.#runs.isClaimed(run)) return this.#runs.remove(run);
    const { expiresMs, bootId } = this.#runs.record(run);
    const line = { run: runName(run), expiresMs: expiresMs + REMEMBER_MS, bootId };
    void this.#write(this.#ledger.add(line));
    this.#adoptRun(run, line, true);
  }

  /** Its mark is not known after a crash of the host that tore the record. */
  #spoolOf(run: RunKey): Spool {
    return new Spool(this.#runs.path(run), this.#runs.markOf(run) ?? "");
  }

  async #take(order: Order, expired: boolean): Promise<void> {
    this.#closed.signal.throwIfAborted();
    await this.#reporting.find(runName(order))?.leaving;
    const held = this.#reporting.find(runName(order));
    if (held) {
      if (order.type === "stop") await this.#stop(held);
      held.reporter.repeatEnd();
      return held.pump();
    }
    const known = this.#ledger.find(runName(order));
    if (known && isEnded(known)) this.#reporting.add(order, known.expiresMs).end(known);
    else if (known) throw new Error(`the directory of ${known.run}, which was accepted before, is damaged`);
    else if (order.type === "stop") await this.#endUnstarted(order, { how: "refused", reason: "cancelled" });
    else if (expired) await this.#endUnstarted(order, { how: "refused", reason: "expired" });
    else await this.#accept(order);
  }

  async #accept(order: TaskOrder): Promise<void> {
    const run = { invokeId: order.invokeId, iteration: order.iteration };
    const prepared = await prepare(order, this.#options.instanceId, this.#options.openSecrets);
    if ("end" in prepared) return await this.#endUnstarted(order, prepared.end);
    const { launch, launcher } = prepared;
    const record = toRecord(order, { launch, bootId: this.#bootId, hasLauncher: launcher !== undefined });
    this.#runs.create(run, record, prepared);
    const line = { run: runName(run), expiresMs: order.expiresMs + REMEMBER_MS, bootId: this.#bootId };
    await this.#addDurably(line);
    this.#onStep("task synced", run);
    this.#start(this.#reporting.add(run, line.expiresMs, new Spool(this.#runs.path(run), record.mark)), record, false);
  }

  async #stop({ run, active }: Entry): Promise<void> {
    if (!active) return;
    try {
      this.#runs.saveStop(run);
    } finally {
      active.stop();
    }
  }

  async #endUnstarted(order: TaskOrder | StopOrder, end: RunEnd): Promise<void> {
    const expiresMs = Math.max(order.expiresMs, this.#options.clock.now()) + REMEMBER_MS;
    await this.#addDurably({ run: runName(order), expiresMs, end, outputBytes: 0, acknowledged: false });
    this.#onStep("task synced", order);
    this.#reporting.add(order, expiresMs).end({ end, outputBytes: 0 });
  }

  async #addDurably(line: LedgerLine): Promise<void> {
    try {
      await this.#ledger.add(line);
    } catch (error) {
      this.#ledger.retract(line.run);
      throw error;
    }
  }

  #start(entry: Entry, record: RunRecord, adopted: boolean): void {
    const { run, spool } = entry;
    if (!spool) throw new Error("a run that may start has a spool");
    const told = { onOutput: () => entry.pump(), onStarted: (atMs: number) => entry.reporter.started(atMs) };
    const active = this.#active.add(run, record, spool, told, adopted);
    entry.active = active;
    const ended = active.drive(adopted).then((end) => {
      delete entry.active;
      if (record.sealed) this.#runs.removeScript(run); // the end may wait long for the server, the secrets in it need not
      this.#end(entry, end);
    });
    void this.#write(ended.finally(() => this.#active.over(active)));
  }

  #lose(entry: Entry, end: RunEnd): void {
    if (entry.spool) this.#runs.removeScript(entry.run); // it may hold secrets
    this.#end(entry, { end, outputBytes: entry.spool?.endWithoutMark() ?? 0 });
  }

  /** Told at once, for it is in the run's directory until the ledger has it. */
  #end(entry: Entry, end: EndRecord): void {
    const { run, name, expiresMs } = entry;
    this.#options.log.info({ ...run, end: end.end.how }, "run ended");
    const saved = this.#ledger.add({ run: name, expiresMs, ...end, acknowledged: false });
    entry.saved = saved.then(
      () => true,
      () => false, // logged below; tried again when the end is acknowledged
    );
    void this.#write(saved);
    entry.end(end);
  }

  /** The server has this end: the ledger knows it durably, the rest goes. */
  async #letGo(entry: Entry): Promise<void> {
    const { run, name, ended, spool, expiresMs } = entry;
    if (!ended) return;
    this.#onStep("end acknowledged", run);
    const line = { run: name, expiresMs, ...ended, acknowledged: true };
    try {
      this.#ledger.note(line);
      if (!(await entry.saved)) await this.#ledger.add(line);
    } catch (error) {
      delete entry.leaving; // it is told, and acknowledged, once more
      throw error;
    }
    if (spool) this.#runs.remove(run);
    this.#reporting.remove(entry);
    if (!spool) return;
    this.#onStep("directory removed", run);
    this.#active.removeCgroup(run);
  }

  /** Follows a write nobody waits for. */
  #write(write: Promise<void>): Promise<void> {
    const followed = write
      .catch((error: unknown) => {
        if (!this.#closed.signal.aborted) this.#options.log.error({ err: error }, UNFINISHED);
      })
      .finally(() => this.#writes.delete(followed));
    this.#writes.add(followed);
    return followed;
  }
}
