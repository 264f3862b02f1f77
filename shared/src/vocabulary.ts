import * as z from "zod";

/**
 * The field's words, spelled as the API spells them.
 *
 * - command: what to run (`c-…`)
 * - invocation: one request over one or many instances (`t-…`, `InvokeId`)
 * - run: one invocation on one instance, one iteration of it (the API calls its record an InvocationResult)
 * - managed instance: a host that registered with an activation (`mi-…`)
 * - activation: id and secret code that turn a host into a managed instance
 */

export const RUN_STATUSES = [
  "Pending",
  "Scheduled",
  "Running",
  "Stopping",
  "Success",
  "Failed",
  "Timeout",
  "Error",
  "Invalid",
  "Aborted",
  "Cancelled",
  "Terminated",
] as const;
export type RunStatus = (typeof RUN_STATUSES)[number];

export const FINAL_RUN_STATUSES = [
  "Success",
  "Failed",
  "Timeout",
  "Error",
  "Invalid",
  "Aborted",
  "Cancelled",
  "Terminated",
] as const satisfies readonly RunStatus[];
export type FinalRunStatus = (typeof FINAL_RUN_STATUSES)[number];

export function isFinal(status: RunStatus): status is FinalRunStatus {
  return (FINAL_RUN_STATUSES as readonly RunStatus[]).includes(status);
}

export const TERMINATION_MODES = ["Process", "ProcessTree"] as const;
export type TerminationMode = (typeof TERMINATION_MODES)[number];

export const REPEAT_MODES = ["Once", "Period", "NextRebootOnly", "EveryReboot", "DryRun"] as const;
export type RepeatMode = (typeof REPEAT_MODES)[number];

export const COMMAND_TYPES = ["RunShellScript", "RunBatScript", "RunPowerShellScript"] as const;
export type CommandType = (typeof COMMAND_TYPES)[number];

/** Ids name directories on hosts, so their alphabet is closed: nothing in them can climb a path. */
const INVOKE_ID = /^t-[0-9a-z]{1,60}$/;
export const InvokeId = z.string().regex(INVOKE_ID);
/** The same without the schema's cost, for what comes several times a task. */
export function isInvokeId(value: unknown): value is string {
  return typeof value === "string" && INVOKE_ID.test(value);
}
export const InstanceId = z.string().regex(/^(?:i|mi)-[0-9a-z]{1,60}$/);
export const CommandId = z.string().regex(/^c-[0-9a-z]{1,60}$/);
export const ActivationId = z.string().regex(/^[0-9A-F]{8}(?:-[0-9A-F]{4}){3}-[0-9A-F]{12}$/);

/** One run, named the same way on both sides: `InvokeId` + iteration (1 for `Once`; counts up for schedules). */
export type RunKey = { readonly invokeId: string; readonly iteration: number };
