import { randomBytes } from "node:crypto";
import { setMaxListeners } from "node:events";
import { chmodSync, mkdirSync } from "node:fs";
import type { Clock } from "@cloud-assistant/shared/clock";
import { GRACE_MS, SPOOL_MAX_BYTES } from "@cloud-assistant/shared/limits";
import type { HeldRun, WelcomePayload } from "@cloud-assistant/shared/protocol/frames";
import type { Order, StopOrder, TaskOrder } from "@cloud-assistant/shared/protocol/orders";
import type { RunEnd } from "@cloud-assistant/shared/protocol/run-end";
import type { RunKey } from "@cloud-assistant/shared/vocabulary";
import type { Logger } from "pino";
import { ActiveRun } from "./active-run.ts";
import type { Engine, Uplink } from "./engine.ts";
import { Finished } from "./finished.ts";
import { openCgroups, type Cgroups } from "./launch/cgroups.ts";
import { LaunchHelper } from "./launch/launch-helper.ts";
import { readBootId } from "./launch/procfs.ts";
import { ledgerIdOf } from "./ledger-id.ts";
import { prepare, type OpenSecrets } from "./preparation.ts";
import { Reporting, type Entry } from "./reporting.ts";
import { runName, Runs, toRunKey, type RunRecord } from "./runs.ts";
import { Slots } from "./slots.ts";
import { Spool } from "./spool.ts";
import type { OnAgentStep } from "./steps.ts";

export type EngineOptions = {
  readonly stateDir: string;
  readonly instanceId: string;
  readonly clock: Clock;
  readonly log: Logger;
  readonly onStep?: OnAgentStep;
  /** Bytes of output kept on disk for one run; at least 2 MiB. */
  readonly spoolMaxBytes?: number;
  readonly graceMs?: number;
  /** False: end trees by group, session and marker, as on a host without cgroup v2. */
  readonly useCgroups?: boolean;
  readonly openSecrets?: OpenSecrets;
  /** Runs at once; the others wait, in their order. */
  readonly maxRuns?: number;
};

/** The original agent's `task.concurrencyHardLimit` (agent-facts 1.9). */
const MAX_RUNS = 500;
/** Between two looks at whether supervisors and writers are alive, milliseconds; only while runs are active. */
const SWEEP_MS = 2_000;
/** An order may arrive until it expires, and a little longer where clocks differ: an hour is more than they may. */
const REMEMBER_MS = 3_600_000;

/**
 * Opens the ledger and goes on with every run in it.
 * @throws {RangeError} when `spoolMaxBytes` is too small.
 */
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
  readonly #slots: Slots;
  readonly #onStep: OnAgentStep;
  readonly #bootId = readBootId();
  readonly #reporting: Reporting;
  readonly #active = new Set<ActiveRun>();
  readonly #taking = new Map<string, Promise<void>>();
  /** Writes under way that `close` waits for. */
  readonly #writes = new Set<Promise<void>>();
  readonly #closed = new AbortController();
  #closing: Promise<void> | undefined;

  constructor(options: EngineOptions) {
    const { stateDir, clock, log } = options;
    this.#options = options;
    setMaxListeners(0, this.#closed.signal); // every run listens
    this.#onStep = options.onStep ?? (() => undefined);
    this.#helper = new LaunchHelper(options.spoolMaxBytes ?? SPOOL_MAX_BYTES, log, () => this.#active.forEach((active) => active.tellHelper()));
    this.ledgerId = ledgerIdOf(stateDir);
    this.#runs = new Runs(stateDir);
    this.#finished = new Finished(stateDir, clock.now());
    this.#cgroups = options.useCgroups === false ? undefined : openCgroups(this.ledgerId);
    this.#slots = new Slots(options.maxRuns ?? MAX_RUNS);
    this.#reporting = new Reporting({ clock, onStep: this.#onStep, onEndAcknowledged: (entry) => this.#write(this.#letGo(entry)) });
  }

  adopt(): void {
    for (const { run, ...end } of this.#finished.unacknowledged()) this.#reporting.add(toRunKey(run), end.expiresMs).end(end);
    for (const run of this.#runs.list()) {
      try {
        this.#adoptRun(run);
      } catch (error) {
        // what is on disk stays as it is: an order for this run is refused by its directory, so it never runs again
        this.#options.log.error({ err: error, ...run }, "run on disk is damaged and was left alone");
      }
    }
    this.#cgroups?.sweep((name) => this.#reporting.find(name) !== undefined);
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
    this.#finished.forget(this.#options.clock.now());
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
    this.disconnected();
    this.#helper.close();
    await Promise.allSettled([...this.#taking.values(), ...this.#writes]);
    this.#cgroups?.close();
    this.#finished.close();
    this.#runs.close();
  }

  #adoptRun(run: RunKey): void {
    if (this.#finished.find(runName(run))?.acknowledged) return this.#runs.remove(run);
    const record = this.#runs.record(run);
    const entry = this.#add(run, record);
    const end = this.#runs.end(run);
    if (end && record.order.sealed) this.#runs.removeScript(run);
    if (end) entry.end(end);
    else if (record.end) entry.end({ end: record.end, outputBytes: 0 });
    else if (record.bootId === this.#bootId) this.#start(entry, record);
    else void this.#write(this.#saveLost(entry, restarted(this.#options.clock.now())));
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
    const known = this.#finished.find(runName(order));
    if (known) this.#reporting.add(order, known.expiresMs).end(known);
    else if (order.type === "stop") await this.#refuse(order, "cancelled");
    else if (expired) await this.#refuse(order, "expired");
    else await this.#accept(order);
  }

  async #accept(order: TaskOrder): Promise<void> {
    const run = { invokeId: order.invokeId, iteration: order.iteration };
    const { script, ...prepared } = await prepare(order, this.#options.instanceId, this.#options.openSecrets);
    const record: RunRecord = { order, bootId: this.#bootId, mark: secret(), marker: `${runName(run)}:${secret()}`, ...prepared };
    await this.#runs.create(run, record, script);
    this.#onStep("task synced", run);
    const entry = this.#add(run, record);
    if (record.end) entry.end({ end: record.end, outputBytes: 0 });
    else this.#start(entry, record);
  }

  async #stop(entry: Entry): Promise<void> {
    if (!entry.active) return;
    await this.#runs.saveStop(entry.run);
    entry.active.stop();
  }

  async #refuse(order: TaskOrder | StopOrder, reason: "expired" | "cancelled"): Promise<void> {
    const end = { end: { how: "refused", reason }, outputBytes: 0 } as const;
    const expiresMs = Math.max(order.expiresMs, this.#options.clock.now()) + REMEMBER_MS;
    await this.#finished.add({ run: runName(order), expiresMs, ...end, acknowledged: false });
    this.#reporting.add(order, expiresMs).end(end);
  }

  #add(run: RunKey, { order, mark }: RunRecord): Entry {
    return this.#reporting.add(run, order.expiresMs + REMEMBER_MS, new Spool(this.#runs.path(run), mark));
  }

  #start(entry: Entry, record: RunRecord): void {
    const { clock, log, graceMs = GRACE_MS } = this.#options;
    const { launch } = record;
    const { run, spool } = entry;
    if (!launch || !spool) throw new Error("the record has neither a launch nor an end");
    const host = {
      runs: this.#runs,
      helper: this.#helper,
      cgroups: this.#cgroups,
      slots: this.#slots,
      clock,
      onStep: this.#onStep,
      graceMs,
      closed: this.#closed.signal,
    };
    const active = new ActiveRun(host, run, { ...record, launch }, spool, {
      onOutput: () => entry.pump(),
      onStarted: (atMs) => entry.reporter.started(atMs),
    });
    entry.active = active;
    if (this.#active.size === 0) void this.#sweep();
    this.#active.add(active);
    const ended = active.drive().then(async (end) => {
      await this.#runs.saveEnd(run, end);
      if (record.order.sealed) this.#runs.removeScript(run); // the end may wait long for the server, the secrets in it need not
      log.info({ ...run, end: end.end.how }, "run ended");
      delete entry.active;
      entry.end(end);
    });
    void this.#write(ended.finally(() => this.#active.delete(active)));
  }

  async #saveLost(entry: Entry, end: RunEnd): Promise<void> {
    const record = { end, outputBytes: entry.spool?.endWithoutMark() ?? 0 };
    await this.#runs.saveEnd(entry.run, record);
    if (this.#runs.record(entry.run).order.sealed) this.#runs.removeScript(entry.run);
    entry.end(record);
  }

  /** The server has this end: remember that the run is over, durably, then forget the rest. */
  async #letGo(entry: Entry): Promise<void> {
    const { run, name, ended, spool, expiresMs } = entry;
    if (!ended) return;
    this.#onStep("end acknowledged", run);
    await this.#finished.add({ run: name, expiresMs, ...ended, acknowledged: true });
    if (spool) this.#runs.remove(run);
    this.#reporting.remove(entry);
    if (!spool) return;
    this.#onStep("directory removed", run);
    this.#cgroups?.remove(name);
  }

  async #sweep(): Promise<void> {
    const { clock, log } = this.#options;
    const { signal } = this.#closed;
    while (!signal.aborted) {
      await clock.sleep(SWEEP_MS, signal).catch(() => undefined);
      if (signal.aborted || this.#active.size === 0) return;
      for (const active of this.#active) {
        try {
          active.sweep();
        } catch (error) {
          log.error({ err: error, ...active.run }, "run could not be looked after");
        }
      }
      this.#cgroups?.sweep((name) => this.#reporting.find(name) !== undefined);
    }
  }

  /** Follows a write nobody waits for. */
  #write(write: Promise<void>): Promise<void> {
    const followed = write
      .catch((error: unknown) => {
        if (!this.#closed.signal.aborted) this.#options.log.error({ err: error }, "run could not be brought to its end; it is taken up at the next start");
      })
      .finally(() => this.#writes.delete(followed));
    this.#writes.add(followed);
    return followed;
  }
}

function restarted(atMs: number): RunEnd {
  return { how: "failed", errorCode: "InstanceRestarted", errorInfo: "the instance was restarted during the execution", finishedMs: atMs };
}

/** 48 hex digits: unguessable, and free of anything a shell or a pattern would read. */
function secret(): string {
  return randomBytes(24).toString("hex");
}
