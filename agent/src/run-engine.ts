import { randomBytes } from "node:crypto";
import { chmodSync, mkdirSync } from "node:fs";
import type { Clock } from "@cloud-assistant/shared/clock";
import { GRACE_MS, SPOOL_MAX_BYTES } from "@cloud-assistant/shared/limits";
import type { WelcomePayload } from "@cloud-assistant/shared/protocol/frames";
import type { Order, TaskOrder } from "@cloud-assistant/shared/protocol/orders";
import type { RunEnd } from "@cloud-assistant/shared/protocol/run-end";
import type { RunKey } from "@cloud-assistant/shared/vocabulary";
import type { Logger } from "pino";
import { ActiveRun } from "./active-run.ts";
import type { Engine, Uplink } from "./engine.ts";
import { Finished } from "./finished.ts";
import { openCgroups, removeCgroup, type Cgroups } from "./launch/cgroups.ts";
import { ledgerIdOf } from "./ledger-id.ts";
import { LaunchHelper } from "./launch/launch-helper.ts";
import { readBootId } from "./launch/procfs.ts";
import { prepare } from "./preparation.ts";
import { Reporter } from "./reporter.ts";
import { runName, Runs, type EndRecord, type RunRecord } from "./runs.ts";
import { Spool } from "./spool.ts";
import type { OnAgentStep } from "./steps.ts";

export type EngineOptions = {
  readonly stateDir: string;
  readonly instanceId: string;
  readonly clock: Clock;
  readonly log: Logger;
  readonly onStep?: OnAgentStep;
  /** Bytes of output kept on disk for one run. */
  readonly spoolMaxBytes?: number;
  readonly graceMs?: number;
  /** False: end trees by group, session and marker, as on a host without cgroup v2. */
  readonly useCgroups?: boolean;
};

/** Between two looks at whether supervisors and writers are alive, milliseconds; only while runs are active. */
const SWEEP_MS = 2_000;

type Entry = { readonly run: RunKey; readonly reporter: Reporter; readonly expiresMs: number; active?: ActiveRun; end?: EndRecord; onDisk: boolean };

/** Opens the ledger and goes on with every run in it. */
export async function openEngine(options: EngineOptions): Promise<Engine> {
  mkdirSync(options.stateDir, { recursive: true, mode: 0o711 });
  chmodSync(options.stateDir, 0o711);
  const engine = new RunEngine(options);
  engine.adopt();
  return engine;
}

class RunEngine implements Engine {
  readonly ledgerId: string;
  readonly #options: EngineOptions;
  readonly #runs: Runs;
  readonly #finished: Finished;
  readonly #helper: LaunchHelper;
  readonly #cgroups: Cgroups | undefined;
  readonly #onStep: OnAgentStep;
  readonly #bootId = readBootId();
  readonly #entries = new Map<string, Entry>();
  readonly #taking = new Map<string, Promise<void>>();
  #uplink: Uplink | undefined;
  #resend: NodeJS.Timeout | undefined;
  #sweep: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(options: EngineOptions) {
    this.#options = options;
    this.#onStep = options.onStep ?? (() => undefined);
    this.ledgerId = ledgerIdOf(options.stateDir);
    this.#runs = new Runs(options.stateDir);
    this.#finished = new Finished(options.stateDir, options.clock.now());
    this.#cgroups = options.useCgroups === false ? undefined : openCgroups(this.ledgerId);
    this.#helper = new LaunchHelper(options.spoolMaxBytes ?? SPOOL_MAX_BYTES, options.log, () => this.#tellAgain());
  }

  adopt(): void {
    const found = this.#runs.list();
    this.#cgroups?.sweep(new Set(found.map(runName)));
    for (const run of found) {
      const record = this.#runs.record(run);
      const end = this.#runs.end(run);
      if (end) this.#ended(this.#add(run, record, true), end);
      else if (record.bootId === this.#bootId) this.#start(run, record, true);
      else this.#save(this.#add(run, record, true), restarted(this.#options.clock.now()));
    }
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

  /** One at a time for a run. */
  async #take(order: Order, expired: boolean): Promise<void> {
    if (order.type === "stop") return this.#takeStop(order);
    const held = this.#entries.get(runName(order));
    if (held) return this.#pump(held);
    if (this.#answerFromMemory(order)) return;
    if (expired) return this.#refuse(order, "expired");
    await this.#takeTask(order);
  }

  held(): { invokeId: string; iteration: number; ended: boolean }[] {
    return [...this.#entries.values()].map(({ run, end }) => ({ ...run, ended: end !== undefined }));
  }

  connected(uplink: Uplink, welcome: WelcomePayload): void {
    this.disconnected();
    this.#uplink = uplink;
    this.#letGo(welcome.drop.map((run) => Reporter.endedId(run)));
    const wanted = new Map(welcome.want.map((want) => [runName(want), want.offset]));
    for (const [name, entry] of this.#entries) {
      entry.reporter.rewind(wanted.get(name));
      this.#pump(entry);
    }
    this.#finished.forget(this.#options.clock.now());
    this.#resend = setInterval(() => this.#sayAgain(), welcome.resendMs);
  }

  disconnected(): void {
    this.#uplink = undefined;
    clearInterval(this.#resend);
  }

  acknowledged(ids: readonly string[]): void {
    for (const entry of this.#entries.values()) if (ids.includes(Reporter.startedId(entry.run))) entry.reporter.startAcknowledged();
    this.#letGo(ids);
  }

  outputAcknowledged(run: RunKey, offset: number): void {
    const entry = this.#entries.get(runName(run));
    if (!entry) return;
    entry.reporter.outputAcknowledged(offset);
    this.#pump(entry);
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.disconnected();
    clearInterval(this.#sweep);
    this.#helper.close();
    await Promise.all(this.#taking.values());
  }

  async #takeTask(order: TaskOrder): Promise<void> {
    const prepared = await prepare(order, this.#options.instanceId);
    const record: RunRecord = { order, bootId: this.#bootId, mark: secret(), marker: secret(), ...("launch" in prepared ? { launch: prepared.launch } : {}) };
    const run = { invokeId: order.invokeId, iteration: order.iteration };
    const end = "end" in prepared ? { end: prepared.end, outputBytes: 0 } : undefined;
    await this.#runs.create(run, record, prepared.script, end);
    this.#onStep("task synced", run);
    if (end) this.#ended(this.#add(run, record, true), end);
    else this.#start(run, record, false);
  }

  #takeStop(order: Extract<Order, { type: "stop" }>): void {
    const entry = this.#entries.get(runName(order));
    if (!entry) {
      if (!this.#answerFromMemory(order)) this.#refuse(order, "cancelled");
      return;
    }
    if (entry.end || !entry.active) return this.#pump(entry);
    this.#runs.saveStop(entry.run);
    entry.active.stop();
  }

  /** A finished or refused run is told again, never run again. */
  #answerFromMemory(order: Order): boolean {
    const known = this.#finished.find(runName(order));
    if (!known) return false;
    this.#ended(this.#remember(order), known);
    return true;
  }

  #refuse(order: Order, reason: "expired" | "cancelled"): void {
    const end: EndRecord = { end: { how: "refused", reason }, outputBytes: 0 };
    this.#finished.add([{ run: runName(order), expiresMs: keepUntil(order, this.#options.clock), ...end }]);
    this.#ended(this.#remember(order), end);
  }

  #remember(order: Order): Entry {
    const run = { invokeId: order.invokeId, iteration: order.iteration };
    const entry: Entry = { run, reporter: new Reporter(run, undefined, () => this.#onStep("end sent", run)), expiresMs: order.expiresMs, onDisk: false };
    this.#entries.set(runName(run), entry);
    return entry;
  }

  #add(run: RunKey, record: RunRecord, ended: boolean, spool = new Spool(this.#runs.path(run), record.mark)): Entry {
    const reporter = new Reporter(run, spool, () => this.#onStep("end sent", run));
    const entry: Entry = { run, reporter, expiresMs: keepUntil(record.order, this.#options.clock), onDisk: true };
    this.#entries.set(runName(run), entry);
    if (ended && this.#runs.end(run)?.outputBytes) spool.endHere();
    return entry;
  }

  #start(run: RunKey, record: RunRecord, adopted: boolean): void {
    const { launch } = record;
    if (!launch) throw new Error(`run ${runName(run)} has neither a launch nor an end`);
    const spool = new Spool(this.#runs.path(run), record.mark);
    const entry = this.#add(run, record, false, spool);
    const { clock, log, graceMs = GRACE_MS } = this.#options;
    const host = { runs: this.#runs, helper: this.#helper, cgroups: this.#cgroups, clock, onStep: this.#onStep, graceMs };
    const active = new ActiveRun(host, run, { ...record, launch }, spool, adopted, {
      onOutput: () => this.#pump(entry),
      onStarted: (atMs) => entry.reporter.started(atMs),
    });
    entry.active = active;
    this.#sweep ??= setInterval(() => this.#sweepActive(), SWEEP_MS);
    active.drive().then(
      (end) => this.#save(entry, end, spool),
      (error: unknown) => {
        log.error({ err: error, invokeId: run.invokeId }, "run failed in the agent");
        this.#save(entry, { how: "failed", errorCode: "ExecutionException", errorInfo: "the agent could not go on with the run; see its log" }, spool);
      },
    );
  }

  #save(entry: Entry, end: RunEnd, spool?: Spool): void {
    if (this.#closed) return;
    const record: EndRecord = { end, outputBytes: spool?.endHere() ?? 0 };
    this.#runs.saveEnd(entry.run, record);
    this.#options.log.info({ ...entry.run, end: end.how }, "run ended");
    delete entry.active;
    this.#ended(entry, record);
  }

  #ended(entry: Entry, end: EndRecord): void {
    entry.end = end;
    entry.reporter.ended(end);
    this.#pump(entry);
  }

  #pump(entry: Entry): void {
    if (this.#uplink && !this.#closed) entry.reporter.pump(this.#uplink);
  }

  /** The server has these ends: remember that they are over, then forget the rest. */
  #letGo(ids: readonly string[]): void {
    const told = new Set(ids);
    const over = [...this.#entries.values()].filter(({ run, end }) => end && told.has(Reporter.endedId(run)));
    for (const { run } of over) this.#onStep("end acknowledged", run);
    this.#finished.add(
      over.filter(({ onDisk }) => onDisk).map(({ run, expiresMs, end }) => ({ run: runName(run), expiresMs, ...(end as EndRecord) })),
    );
    for (const { run, onDisk } of over) {
      this.#entries.delete(runName(run));
      if (!onDisk) continue;
      this.#runs.remove(run);
      const cgroup = this.#cgroups?.create(runName(run));
      if (cgroup) removeCgroup(cgroup); // stays while a child left behind lives; swept at the next start
      this.#onStep("directory removed", run);
    }
  }

  #sayAgain(): void {
    for (const entry of this.#entries.values()) {
      entry.reporter.rewind();
      this.#pump(entry);
    }
  }

  #sweepActive(): void {
    const active = [...this.#entries.values()].filter((entry) => entry.active);
    for (const entry of active) entry.active?.sweep();
    if (active.length > 0) return;
    clearInterval(this.#sweep);
    this.#sweep = undefined;
  }

  #tellAgain(): void {
    for (const { active } of this.#entries.values()) active?.tellHelper();
  }
}

function restarted(atMs: number): RunEnd {
  return { how: "failed", errorCode: "InstanceRestarted", errorInfo: "the instance was restarted during the execution", finishedMs: atMs };
}

/** An order may arrive until it expires, and a little longer where clocks differ; an hour is more than they may. */
function keepUntil({ expiresMs }: Order, clock: Clock): number {
  return Math.max(expiresMs, clock.now()) + 3_600_000;
}

/** 48 hex digits: unguessable, and free of anything a shell or a pattern would read. */
function secret(): string {
  return randomBytes(24).toString("hex");
}
