import { watch, readlinkSync, type FSWatcher } from "node:fs";
import { join } from "node:path";
import type { Clock } from "@cloud-assistant/shared/clock";
import type { RunEnd } from "@cloud-assistant/shared/protocol/run-end";
import type { RunKey } from "@cloud-assistant/shared/vocabulary";
import type { Cgroups } from "./launch/cgroups.ts";
import type { LaunchHelper } from "./launch/launch-helper.ts";
import { childOf, isAlive, isOpenAnywhere, signalProcess, ticksToMs, uptimeMs, type ProcessId } from "./launch/procfs.ts";
import { cgroupScope, markerScope, processScope, type Scope } from "./launch/scope.ts";
import type { Launch, RunRecord, Runs } from "./runs.ts";
import { runName } from "./runs.ts";
import type { Spool } from "./spool.ts";
import type { OnAgentStep } from "./steps.ts";
import { end as endScope, supervise } from "./supervise.ts";

export type RunHost = {
  readonly runs: Runs;
  readonly helper: LaunchHelper;
  readonly cgroups: Cgroups | undefined;
  readonly clock: Clock;
  readonly onStep: OnAgentStep;
  readonly graceMs: number;
};
type Deferred = { readonly promise: Promise<void>; readonly resolve: () => void };

/** Looks of the slow sweep that a writer may take to write its first line once the script has ended. */
const WRITER_PATIENCE = 5;

/** A run from its acceptance (or re-adoption) to its end. Watches what supervisor and writer write; never polls them. */
export class ActiveRun {
  readonly run: RunKey;
  readonly #host: RunHost;
  readonly #record: RunRecord;
  readonly #launch: Launch;
  readonly #spool: Spool;
  readonly #onOutput: () => void;
  readonly #onStarted: (atMs: number) => void;
  readonly #adopted: boolean;
  readonly #stop = new AbortController();
  readonly #claimed = deferred();
  readonly #exited = deferred();
  readonly #cgroup: string | undefined;
  #watcher: FSWatcher | undefined;
  #looking = false;
  #supervisor: ProcessId | undefined;
  #interrupted: string | undefined;
  #impatience = 0;

  constructor(host: RunHost, run: RunKey, record: RunRecord & { launch: Launch }, spool: Spool, adopted: boolean, told: { onOutput: () => void; onStarted: (atMs: number) => void }) {
    this.run = run;
    this.#host = host;
    this.#record = record;
    this.#launch = record.launch;
    this.#spool = spool;
    this.#adopted = adopted;
    this.#onOutput = told.onOutput;
    this.#onStarted = told.onStarted;
    this.#cgroup = host.cgroups?.create(runName(run));
    if (host.runs.isStopAsked(run)) this.#stop.abort();
  }

  /** Resolves with how it ended; also when the host cannot say more than that it was interrupted. */
  async drive(): Promise<RunEnd> {
    this.#watcher = watch(this.#host.runs.path(this.run), () => this.#lookSoon());
    try {
      if (this.#stop.signal.aborted && this.#host.runs.claimAway(this.run)) return { how: "refused", reason: "cancelled" };
      if (!this.#host.runs.isClaimed(this.run)) this.tellHelper();
      this.look();
      await Promise.race([this.#claimed.promise, this.#exited.promise, onAbort(this.#stop.signal)]);
      if (!this.#supervisor && this.#stop.signal.aborted && this.#host.runs.claimAway(this.run)) return { how: "refused", reason: "cancelled" };
      await Promise.race([this.#claimed.promise, this.#exited.promise]);
      return await this.#supervise();
    } finally {
      this.#watcher.close();
    }
  }

  /** Idempotent: the claim decides who starts it. */
  tellHelper(): void {
    if (this.#host.runs.isClaimed(this.run)) return;
    const { user, cwd, interpreter, argument } = this.#launch;
    this.#host.helper.tell({
      dir: this.#host.runs.path(this.run),
      cgroup: this.#cgroup ?? "",
      parentCgroup: this.#host.cgroups?.parent ?? "",
      uid: user.uid,
      gid: user.gid,
      user: user.name,
      home: user.home,
      shell: user.shell,
      cwd,
      interpreter,
      argument,
      script: this.#host.runs.scriptPath(this.run),
      mark: this.#record.mark,
      marker: this.#record.marker,
    });
    this.#host.onStep("helper told", this.run);
  }

  stop(): void {
    this.#stop.abort();
  }

  /** Looks at what is written and at who is alive; called on every change and by the slow sweep. */
  look(): void {
    const status = this.#host.runs.status(this.run);
    if (status.supervisor && !this.#supervisor) {
      this.#supervisor = status.supervisor;
      this.#host.onStep("run claimed", this.run);
      this.#onStarted(this.#startedMs(status.supervisor));
      this.#host.onStep("script started", this.run);
      this.#claimed.resolve();
    }
    this.#onOutput();
    if (status.exitCode === undefined) return;
    if (this.#spool.findEnd() !== undefined || status.outputLost || status.noDirectory) return this.#exited.resolve();
  }

  /** The slow part: are supervisor and writer still there? Called every two seconds while the run is active. */
  sweep(): void {
    this.look();
    const claimant = this.#supervisor;
    if (claimant ? !isAlive(claimant) : this.#host.runs.isClaimed(this.run) && !this.#isStatusOpen()) this.#afterSupervisor();
  }

  #afterSupervisor(): void {
    const status = this.#host.runs.status(this.run); // read after it was seen dead: nothing more will come from it
    if (status.exitCode === undefined) return this.#interrupt("the supervisor of the run was killed");
    if (this.#spool.findEnd() !== undefined) return;
    const writerDead = status.writer ? !isAlive(status.writer) : ++this.#impatience > WRITER_PATIENCE;
    if (writerDead && this.#spool.findEnd() === undefined) this.#interrupt("the output writer of the run was killed");
  }

  #interrupt(reason: string): void {
    this.#interrupted ??= reason;
    this.#exited.resolve();
  }

  async #supervise(): Promise<RunEnd> {
    const timeoutMs = this.#record.order.timeoutSeconds * 1000;
    const supervisor = this.#supervisor;
    const remainingMs = supervisor ? timeoutMs - (uptimeMs() - ticksToMs(supervisor.startTicks)) : timeoutMs;
    const { clock, graceMs, runs, onStep } = this.#host;
    const supervised = await supervise({
      exited: this.#exited.promise,
      scope: () => this.#scope(this.#record.order.terminationMode),
      signal: signalProcess,
      timeoutMs: remainingMs,
      graceMs,
      stop: this.#stop.signal,
      clock,
    });
    const status = runs.status(this.run);
    if (status.exitCode !== undefined) onStep("exit written", this.run);
    if (this.#interrupted !== undefined) return this.#endInterrupted(this.#interrupted);
    if (status.noDirectory) return { how: "invalid", errorCode: "DirectoryNotExists", errorInfo: "the specified directory does not exists" };

    const startedMs = supervisor ? this.#startedMs(supervisor) : clock.now();
    const writtenMs = Math.max(startedMs, runs.statusWrittenMs(this.run));
    const exit = status.exitCode === undefined ? {} : { exitCode: status.exitCode };
    if (status.outputLost) return this.#outputLost(startedMs, writtenMs, status.exitCode);
    if (supervised.how === "exited") {
      const late = this.#adopted && writtenMs - startedMs > timeoutMs;
      return { how: late ? "timedOut" : "exited", exitCode: status.exitCode ?? 255, startedMs, finishedMs: writtenMs };
    }
    const inTime = supervised.how === "timedOut" && remainingMs > 0;
    const finishedMs = inTime ? startedMs + timeoutMs : Math.max(startedMs, clock.now()); // StartTime + Timeout, as documented
    return { how: supervised.how, kill: supervised.kill, startedMs, finishedMs, ...exit };
  }

  /** A run that nobody supervises any more is ended whole: it cannot be watched, and its result is told now. */
  async #endInterrupted(reason: string): Promise<RunEnd> {
    const { clock, graceMs } = this.#host;
    const kill = await endScope(this.#scope("ProcessTree"), signalProcess, graceMs, clock);
    const startedMs = this.#supervisor && this.#startedMs(this.#supervisor);
    return {
      how: "failed",
      errorCode: "ExecutionInterrupted",
      errorInfo: `the command execution has been interrupted: ${reason}`,
      finishedMs: Math.max(startedMs ?? 0, clock.now()),
      kill,
      ...(startedMs === undefined ? {} : { startedMs }),
    };
  }

  #outputLost(startedMs: number, finishedMs: number, exitCode: number | undefined): RunEnd {
    const errorInfo = `the command execution got an exception: output was lost because it could not be written (disk full?); the script's exit code was ${exitCode ?? "not seen"}`;
    return { how: "failed", errorCode: "ExecutionException", errorInfo, startedMs, finishedMs };
  }

  #scope(mode: "Process" | "ProcessTree"): Scope {
    const supervisor = this.#supervisor;
    const script = (): ProcessId | undefined => supervisor && childOf(supervisor.pid);
    if (mode === "Process") return processScope(script);
    const { parent } = this.#host.cgroups ?? {};
    const status = this.#host.runs.status(this.run);
    if (this.#cgroup && parent && !status.noCgroup) return cgroupScope(this.#cgroup, parent, supervisor);
    return markerScope(this.#record.marker, script(), [supervisor, status.writer]);
  }

  #startedMs({ startTicks }: ProcessId): number {
    return Math.round(this.#host.clock.now() - uptimeMs() + ticksToMs(startTicks));
  }

  #isStatusOpen(): boolean {
    return isOpenAnywhere(join(this.#host.runs.path(this.run), "status"), (link) => {
      try {
        return readlinkSync(link);
      } catch {
        return undefined;
      }
    });
  }

  #lookSoon(): void {
    if (this.#looking) return;
    this.#looking = true;
    setImmediate(() => {
      this.#looking = false;
      this.look();
    });
  }
}

function deferred(): Deferred {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { promise, resolve };
}

function onAbort(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
