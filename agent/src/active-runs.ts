import { setMaxListeners } from "node:events";
import { basename } from "node:path";
import type { Clock } from "@cloud-assistant/shared/clock";
import { GRACE_MS, SPOOL_MAX_BYTES } from "@cloud-assistant/shared/limits";
import type { RunKey } from "@cloud-assistant/shared/vocabulary";
import type { Logger } from "pino";
import { ActiveRun, type RunHost, type RunToTell } from "./active-run.ts";
import { sleepUnless } from "./deadline.ts";
import { openCgroups } from "./launch/cgroups.ts";
import { LaunchHelpers } from "./launch/launch-helpers.ts";
import { runName } from "./run-name.ts";
import type { RunRecord } from "./run-record.ts";
import type { Runs } from "./runs.ts";
import { Slots } from "./slots.ts";
import type { Spool } from "./spool.ts";
import type { OnAgentStep } from "./steps.ts";

export type ActiveRunsOptions = {
  readonly clock: Clock;
  readonly log: Logger;
  readonly onStep?: OnAgentStep;
  /** Bytes of output kept on disk for one run; at least 2 MiB. */
  readonly spoolMaxBytes?: number;
  readonly graceMs?: number;
  /** False: end trees by group, session and marker, as on a host without cgroup v2. */
  readonly useCgroups?: boolean;
  /** Runs at once; the others wait, in their order. */
  readonly maxRuns?: number;
};

/** The original agent's `task.concurrencyHardLimit` (agent-facts 1.9). */
const MAX_RUNS = 500;
/** Between two looks at whether supervisors and writers are alive, milliseconds; only while runs are active. */
const SWEEP_MS = 2_000;
/** A run is first looked at one to two of these after its claim, milliseconds: most are over by then, and have told so themselves. */
const YOUNG_MS = 100;
/** After so many of these it gets a watch of its own, and its output is live; most are over before that would pay. */
const FOLLOW_AT = 5;

/** The runs between acceptance and end, what starts them, and what has to be done for them now and then. */
export class ActiveRuns {
  readonly #host: RunHost;
  readonly #log: Logger;
  readonly #isHeld: (name: string) => boolean;
  readonly #closed = new AbortController();
  readonly #runs = new Map<string, ActiveRun>();
  /** Those without a watch, with how many YOUNG_MS ago they were claimed. */
  readonly #young = new Map<ActiveRun, number>();
  #sweeping = false;
  #followingSoon = false;

  /** @throws {RangeError} when `spoolMaxBytes` is too small. */
  constructor(options: ActiveRunsOptions, runs: Runs, ledgerId: string, isHeld: (name: string) => boolean) {
    const { clock, log, onStep = () => undefined, graceMs = GRACE_MS } = options;
    setMaxListeners(0, this.#closed.signal); // every run listens
    this.#log = log;
    this.#isHeld = isHeld;
    this.#host = {
      runs,
      helpers: new LaunchHelpers(options.spoolMaxBytes ?? SPOOL_MAX_BYTES, log, {
        onRestart: () => this.#runs.forEach((active) => this.#guarded(active, () => active.tellHelper())),
        onClaimed: (dir) => this.#with(dir, (active) => this.#watchOver(active, 0)),
        onWritten: (dir) => this.#with(dir, (active) => this.#guarded(active, () => active.look())),
      }),
      cgroups: options.useCgroups === false ? undefined : openCgroups(ledgerId),
      slots: new Slots(options.maxRuns ?? MAX_RUNS),
      clock,
      onStep,
      graceMs,
      closed: this.#closed.signal,
    };
  }

  /** To be driven, and given back to `over` when that is done. */
  add(run: RunKey, record: RunRecord, spool: Spool, told: RunToTell, adopted: boolean): ActiveRun {
    const active = new ActiveRun(this.#host, run, record, spool, told);
    this.#runs.set(runName(run), active);
    if (adopted) this.#watchOver(active, FOLLOW_AT); // another helper's writer tells this agent nothing
    if (!this.#sweeping) void this.#sweep();
    return active;
  }

  over(active: ActiveRun): void {
    this.#runs.delete(runName(active.run));
    this.#young.delete(active);
    this.#host.helpers.forget(this.#host.runs.path(active.run));
  }

  /** Nothing of the run is on disk any more. */
  removeCgroup(run: RunKey): void {
    this.#host.cgroups?.remove(runName(run));
  }

  /** Those of runs that are not held. */
  sweepCgroups(): void {
    this.#host.cgroups?.sweep(this.#isHeld);
  }

  /** Stops watching; what was started goes on. */
  stop(): void {
    this.#closed.abort();
    for (const active of this.#runs.values()) active.abandon(this.#closed.signal.reason);
    this.#host.helpers.close();
  }

  /** After `stop`, when nobody drives a run any more. */
  close(): void {
    this.#host.cgroups?.close();
  }

  #with(dir: string, use: (active: ActiveRun) => void): void {
    const active = this.#runs.get(basename(dir));
    if (active) use(active);
  }

  #watchOver(active: ActiveRun, age: number): void {
    this.#young.set(active, age);
    if (!this.#followingSoon) void this.#follow();
  }

  async #sweep(): Promise<void> {
    this.#sweeping = true;
    while (this.#runs.size > 0 && (await sleepUnless(this.#host.clock, SWEEP_MS, this.#closed.signal))) {
      for (const active of this.#runs.values()) this.#guarded(active, () => active.sweep());
      this.sweepCgroups();
    }
    this.#sweeping = false;
  }

  async #follow(): Promise<void> {
    this.#followingSoon = true;
    while (this.#young.size > 0 && (await sleepUnless(this.#host.clock, YOUNG_MS, this.#closed.signal))) {
      for (const [active, age] of this.#young) this.#guarded(active, () => this.#age(active, age));
    }
    this.#followingSoon = false;
  }

  #age(active: ActiveRun, age: number): void {
    this.#young.set(active, age + 1);
    if (age === 1) active.look();
    if (age < FOLLOW_AT) return;
    this.#young.delete(active);
    active.follow();
  }

  /** What fails now, out of files or of memory, may not tomorrow: every sweep looks again. */
  #guarded(active: ActiveRun, look: () => void): void {
    try {
      look();
    } catch (error) {
      this.#log.error({ err: error, ...active.run }, "run could not be looked after");
    }
  }
}
