import * as z from "zod";

/** How the end of a run was enforced, and what was measured afterwards. */
export const KillReport = z.object({
  /**
   * `cgroup`: everything in the run's cgroup, nothing can escape. `marker`: process group, session and an environment
   * marker found through /proc; a child that cleared its environment and double-forked escapes it. `process`: the
   * script's own process only.
   */
  means: z.enum(["cgroup", "marker", "process"]),
  /** Processes that were alive when the ending began. */
  killed: z.int().min(0),
  /** Processes of the wanted scope still alive when the report was made; measured, not assumed. */
  left: z.int().min(0),
});
export type KillReport = z.infer<typeof KillReport>;

const EpochMs = z.int().min(0);
const ExitCode = z.int().min(0).max(255);
const ran = { startedMs: EpochMs, finishedMs: EpochMs };

/** How a run ended, in the agent's words. The first reason is the one told. Since protocol 1. */
export const RunEnd = z.discriminatedUnion("how", [
  /** By itself; a signal shows as 128 + its number. */
  z.object({ how: z.literal("exited"), exitCode: ExitCode, ...ran }),
  z.object({ how: z.literal("timedOut"), exitCode: ExitCode.optional(), kill: KillReport.optional(), ...ran }),
  z.object({ how: z.literal("stopped"), exitCode: ExitCode.optional(), kill: KillReport.optional(), ...ran }),
  /** Never ran: this host cannot run it (no such user, no such directory, unknown built-in parameter). */
  z.object({ how: z.literal("invalid"), errorCode: z.string().max(64), errorInfo: z.string().max(1024) }),
  /** Never ran and never will: the agent remembers the refusal. */
  z.object({ how: z.literal("refused"), reason: z.enum(["expired", "cancelled"]) }),
  /** Could not go on: ExecutionException, ExecutionInterrupted, InstanceRestarted, … */
  z.object({
    how: z.literal("failed"),
    errorCode: z.string().max(64),
    errorInfo: z.string().max(1024),
    startedMs: EpochMs.optional(),
    finishedMs: EpochMs.optional(),
    kill: KillReport.optional(),
  }),
]);
export type RunEnd = z.infer<typeof RunEnd>;
