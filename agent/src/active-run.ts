import { join } from "node:path";
import type { Clock } from "@cloud-assistant/shared/clock";
import type { RunEnd } from "@cloud-assistant/shared/protocol/run-end";
import type { RunKey } from "@cloud-assistant/shared/vocabulary";
import type { Cgroups } from "./launch/cgroups.ts";
import type { LaunchHelpers } from "./launch/launch-helpers.ts";
import { isAlive, isOpenAnywhere, ticksToMs, uptimeMs, type ProcessId } from "./launch/procfs.ts";
import { cgroupScope, markerScope, processScope, type Scope } from "./launch/scope.ts";
import type { EndRecord } from "./ledger-lines.ts";
import { RunWatch } from "./run-watch.ts";
import { runName } from "./run-name.ts";
import type { RunRecord } from "./run-record.ts";
import type { Runs } from "./runs.ts";
import { interrupted } from "./run-ends.ts";
import type { Slots } from "./slots.ts";
import type { Spool, SpoolPiece } from "./spool.ts";
import type { RunStatusLines } from "./status-file.ts";
import type { OnAgentStep } from "./steps.ts";
import { end as endScope, endingInRetrospect, supervise, until, type Supervised } from "./supervise.ts";

export type RunHost = {
  readonly runs: Runs;
  readonly helpers: LaunchHelpers;
  readonly cgroups: Cgroups | undefined;
  readonly slots: Slots;
  readonly clock: Clock;
  readonly onStep: OnAgentStep;
  readonly graceMs: number;
  readonly closed: AbortSignal;
};
export type RunToTell = { readonly onOutput: () => void; readonly onStarted: (atMs: number) => void };

/** Sweeps for which something that must come by itself is waited for before it is given up: a claim, the end mark. */
const PATIENCE = 5;
/** The same for the first sign of a writer that the mark could be written to: a busy machine may not have let it run yet. */
const FIRST_SIGN_PATIENCE = 15;
/** How long the writer may take to drain the pipe of a run that was ended because its supervisor is gone, milliseconds. */
const DRAIN_MS = 5_000;

type Script = NonNullable<RunStatusLines["script"]>;

/** A run from its acceptance (or re-adoption) to its end. It looks at what supervisor and writer write when it is told to. */
export class ActiveRun {
  readonly run: RunKey;
  readonly #host: RunHost;
  readonly #record: RunRecord;
  readonly #spool: Spool;
  readonly #told: RunToTell;
  readonly #stop = new AbortController();
  readonly #watch: RunWatch;
  #startedAtMs: number | undefined;
  /** It has a slot. */
  #begun = false;
  /** The supervisor is gone and has not said how the script ended. */
  #lost = false;
  /** The end mark can never come. */
  #markLost = false;
  #sweepsUnclaimed = 0;
  #sweepsUnmarked = 0;
  #ended = false;

  constructor(host: RunHost, run: RunKey, record: RunRecord, spool: Spool, told: RunToTell) {
    this.run = run;
    this.#host = host;
    this.#record = record;
    this.#spool = spool;
    this.#told = told;
    this.#watch = new RunWatch(host.runs.path(run), {
      onLook: (now, before) => this.#onLook(now, before),
      onOutput: told.onOutput,
    });
  }

  /**
   * Resolves with how it ended.
   * @param adopted it may have begun before.
   * @throws {Error} name `AbortError`, when the host closes first.
   */
  async drive(adopted: boolean): Promise<EndRecord> {
    const { runs, slots, closed } = this.#host;
    if (adopted && runs.stopMs(this.run) !== undefined) this.#stop.abort();
    const claimed = adopted && runs.isClaimed(this.run);
    const slot =
      claimed || slots.hasFree() ? slots.take() : await slots.acquire(AbortSignal.any([this.#stop.signal, closed]));
    try {
      closed.throwIfAborted();
      this.#begun = slot !== undefined;
      this.tellHelper();
      if (claimed) this.look();
      await this.#watch.when(() => this.#watch.status.script !== undefined || this.#lost || this.#isCancelled());
      const { script } = this.#watch.status;
      return script ? await this.#follow(script) : { end: this.#neverRan(), outputBytes: 0 };
    } finally {
      this.#ended = true;
      this.#watch.close(undefined);
      slot?.();
    }
  }

  /** Idempotent: the claim decides who starts it. */
  tellHelper(): void {
    if (!this.#begun || this.#ended || this.#stop.signal.aborted || this.#host.runs.isClaimed(this.run)) return;
    const { user, userSwitch, cwd, interpreter, argument } = this.#record.launch;
    this.#host.helpers.tell({
      dir: this.#host.runs.path(this.run),
      script: this.#record.script,
      cgroup: this.#host.cgroups?.create(runName(this.run)) ?? "",
      userSwitch,
      user: user.name,
      uid: user.uid,
      gid: user.gid,
      home: user.home,
      shell: user.shell,
      cwd,
      interpreter,
      argument,
      mark: this.#record.mark,
      marker: this.#record.marker,
    });
    this.#host.onStep("helper told", this.run);
  }

  stop(): void {
    this.#stop.abort();
    this.look();
  }

  /** Output that is certainly the script's: the mark is written after the exit line, so what was read before there is one. */
  read(offset: number, limit: number): SpoolPiece {
    if (this.#ended || this.#hasExited()) return { type: "nothing" };
    const piece = this.#spool.read(offset, limit);
    return this.#watch.readStatus().exitCode === undefined ? piece : { type: "nothing" };
  }

  /** Looks at what is written. */
  look(): void {
    this.#watch.look();
  }

  /** From now on looks at each change by itself. */
  follow(): void {
    if (!this.#ended) this.#watch.follow();
  }

  /** The host closes: nobody waits any more. */
  abandon(reason: unknown): void {
    this.#watch.close(reason);
  }

  /** The slow part, every two seconds while the run is active: are supervisor and writer still there? */
  sweep(): void {
    this.look();
    if (!this.#watch.isFollowing) this.#told.onOutput();
    if (this.#ended || this.#lost || !this.#begun) return;
    if (this.#hasExited()) this.#sweepMark();
    else if (this.#host.runs.isClaimed(this.run)) this.#sweepSupervisor();
    else if (++this.#sweepsUnclaimed % PATIENCE === 0) this.tellHelper();
    if (this.#lost || this.#markLost) this.look();
  }

  /** A claimant that has not written a line yet is known by the status file it holds open; so is a script about to begin. */
  #sweepSupervisor(): void {
    const { supervisor, script } = this.#watch.status;
    if (supervisor && isAlive(supervisor)) return;
    if (!(supervisor && script) && isOpenAnywhere(this.#host.runs.statusPath(this.run))) return;
    this.#lost = this.#watch.readStatus().exitCode === undefined; // read last: nothing more will come
  }

  /** The script has ended. Its end mark comes from the supervisor through the writer: is one of them gone? */
  #sweepMark(): void {
    if (++this.#sweepsUnmarked === 1) return; // it has only just ended
    const { supervisor, writer } = this.#watch.status;
    const draining = (writer && isAlive(writer)) || isOpenAnywhere(join(this.#host.runs.path(this.run), "out."));
    const coming = this.#watch.status.marked || (supervisor && isAlive(supervisor));
    if (draining && coming) this.#sweepsUnmarked = 1;
    else this.#markLost = this.#sweepsUnmarked > (draining ? PATIENCE : coming && !writer ? FIRST_SIGN_PATIENCE : 2);
  }

  #isCancelled(): boolean {
    return this.#stop.signal.aborted && !this.#watch.status.supervisor && this.#host.runs.claimAway(this.run);
  }

  #neverRan(): RunEnd {
    return this.#stop.signal.aborted
      ? { how: "refused", reason: "cancelled" }
      : interrupted("its supervisor was killed before it began");
  }

  async #follow(script: Script): Promise<EndRecord> {
    const { runs, clock, graceMs, closed } = this.#host;
    const timeoutMs = this.#record.timeoutSeconds * 1000;
    const startedMs = this.#startedMs(script);
    const remainingMs = this.#hasExited() ? 0 : timeoutMs - (uptimeMs() - ticksToMs(script.startTicks));
    const scope = this.#scope(script, this.#record.terminationMode);
    const exited = this.#watch.when(() => this.#watch.status.exitCode !== undefined || this.#lost);
    exited.catch(() => undefined); // told to whoever waits for it
    const supervised: Supervised = this.#hasExited()
      ? await this.#afterwards(scope, startedMs, timeoutMs)
      : await supervise({ exited, scope, timeoutMs: remainingMs, graceMs, stop: this.#stop.signal, closed, clock });
    if (!this.#hasExited() && (supervised.how === "exited" || this.#lost))
      return await this.#endLost(script, startedMs, supervised);

    const output = await this.#outputEnd(supervised);
    const exitMs = Math.max(startedMs, this.#hasExited() ? runs.exitMs(this.run) : clock.now());
    const exit = this.#watch.status.exitCode === undefined ? {} : { exitCode: this.#watch.status.exitCode };
    if (supervised.how === "exited") {
      const end: RunEnd = output.whole
        ? { how: "exited", exitCode: this.#watch.status.exitCode ?? 255, startedMs, finishedMs: exitMs }
        : interrupted("the writer of its output was killed", { startedMs, finishedMs: exitMs });
      return { end, outputBytes: output.bytes };
    }
    const inTime = supervised.how === "timedOut" && remainingMs > 0;
    return {
      end: { ...supervised, ...exit, startedMs, finishedMs: inTime ? startedMs + timeoutMs : exitMs },
      outputBytes: output.bytes,
    };
  }

  /** It ended while nobody watched: why is read from the times; what a cut-off ending left alive is ended now. */
  async #afterwards(scope: Scope, startedMs: number, timeoutMs: number): Promise<Supervised> {
    const { runs, clock, graceMs, closed } = this.#host;
    const stopMs = runs.stopMs(this.run);
    const how = endingInRetrospect({
      startedMs,
      exitMs: runs.exitMs(this.run),
      timeoutMs,
      ...(stopMs === undefined ? {} : { stopMs }),
    });
    if (how === "exited") return { how };
    return { how, kill: await endScope(scope, graceMs, clock, closed) };
  }

  /** Nobody can say any more how the script ends: what is left of the run is ended whole, and told as interrupted. */
  async #endLost(script: Script, startedMs: number, supervised: Supervised): Promise<EndRecord> {
    const { clock, graceMs, closed } = this.#host;
    const kill = await endScope(this.#scope(script, "ProcessTree"), graceMs, clock, closed);
    const { writer } = this.#watch.readStatus();
    await until(() => !writer || !isAlive(writer), DRAIN_MS, clock, closed);
    const outputBytes = this.#spool.endWithoutMark();
    const finishedMs = Math.max(startedMs, clock.now());
    if (supervised.how !== "exited") return { end: { ...supervised, startedMs, finishedMs }, outputBytes };
    return { end: interrupted("its supervisor was killed", { startedMs, finishedMs, kill }), outputBytes };
  }

  /** Where the output ends; not whole: its end mark can never come. */
  async #outputEnd(supervised: Supervised): Promise<{ readonly bytes: number; readonly whole: boolean }> {
    let found: number | undefined;
    const unendable = supervised.how !== "exited" && supervised.kill.left > 0 && !this.#hasExited();
    if (!unendable) {
      await this.#watch.when(() => {
        found ??= this.#spool.findMark();
        const { drainedBytes } = this.#watch.status;
        if (drainedBytes !== undefined)
          found ??= Math.max(this.#spool.endWithoutMark(), drainedBytes - this.#record.mark.length);
        return found !== undefined || this.#markLost;
      });
    }
    return { bytes: found ?? this.#spool.endWithoutMark(), whole: found !== undefined };
  }

  #hasExited(): boolean {
    return this.#watch.status.exitCode !== undefined;
  }

  #scope(script: Script, mode: "Process" | "ProcessTree"): Scope {
    if (mode === "Process") return processScope(script);
    return script.cgroup ? cgroupScope(script.cgroup) : markerScope(this.#record.marker, script);
  }

  #startedMs({ startTicks }: ProcessId): number {
    return (this.#startedAtMs ??= Math.round(this.#host.clock.now() - uptimeMs() + ticksToMs(startTicks)));
  }

  #onLook({ supervisor, script, exitCode }: RunStatusLines, before: RunStatusLines): void {
    if (supervisor && !before.supervisor) this.#host.onStep("run claimed", this.run);
    if (script && !before.script) {
      this.#told.onStarted(this.#startedMs(script));
      this.#host.onStep("script started", this.run);
      this.#told.onOutput();
    }
    if (exitCode !== undefined && before.exitCode === undefined) this.#host.onStep("exit written", this.run);
  }
}
