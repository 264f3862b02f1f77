import * as z from "zod";
import { SealedValues } from "./sealed.ts";
import { COMMAND_TYPES, InstanceId, InvokeId, TERMINATION_MODES } from "../vocabulary.ts";

/**
 * Signed payloads. The control plane serializes once, signs those exact bytes and sends both; the agent checks the
 * signature over the bytes it received and only then parses them.
 */

/** Environment the control plane knows and the agent fills in for `{{ACS::…}}` (agent adds InstanceId, InvokeId, CommandId). */
export const BuiltInValues = z.object({
  regionId: z.string().max(64),
  accountId: z.string().max(64),
  commandId: z.string().max(64),
  /** By instance, because one signature covers all targets. */
  instanceNames: z.record(z.string(), z.string().max(256)),
});
export type BuiltInValues = z.infer<typeof BuiltInValues>;

const order = {
  invokeId: InvokeId,
  iteration: z.int().min(1),
  /** The hosts this order is for; any other refuses it. */
  targets: z.array(InstanceId).min(1).max(1000),
  /** Server time, epoch milliseconds, after which a host that has not taken the order must refuse it. */
  expiresMs: z.int().min(0),
};

/** When a task runs that does not run at once; each change by ModifyInvocationAttribute has a higher revision. */
export const Schedule = z.object({
  repeatMode: z.enum(["Period", "NextRebootOnly", "EveryReboot"]),
  /** Only of `Period`. */
  frequency: z.string().max(1024).optional(),
  revision: z.int().min(0),
});
export type Schedule = z.infer<typeof Schedule>;

/** "Run this." Since protocol 1. A host that cannot do what an order asks for answers `invalid`; it never leaves it out. */
export const TaskOrder = z.object({
  type: z.literal("task"),
  ...order,
  commandType: z.enum(COMMAND_TYPES),
  /** The script's bytes, custom parameters already rendered, in Base64. */
  content: z.base64(),
  /** Whether `{{ACS::…}}` and `<<ACS::…>>` are to be rendered. */
  enableParameter: z.boolean(),
  builtIn: BuiltInValues,
  /** Absent: the user's home directory. */
  workingDir: z.string().max(200).optional(),
  /** Absent: root. */
  username: z.string().max(255).optional(),
  timeoutSeconds: z.int().min(1).max(86_400),
  terminationMode: z.enum(TERMINATION_MODES),
  /** Command line that starts the script's file, `{{ACS::ScriptFileName}}` in it. */
  launcher: z.string().max(1024).optional(),
  /** Run inside this container; with both, both must fit. */
  container: z.object({ id: z.string().max(80).optional(), name: z.string().max(255).optional() }).optional(),
  /** Name of the parameter that holds the user's password, never the password. */
  windowsPasswordName: z.string().max(255).optional(),
  /** Values of the references to the Parameter Store in the content, and the password; only the targets can open them. */
  sealed: SealedValues.optional(),
  /** Absent: run it now, once. */
  schedule: Schedule.optional(),
});
export type TaskOrder = z.infer<typeof TaskOrder>;

/** "End this run", or "never start it" if it has not. Since protocol 1. */
export const StopOrder = z.object({ type: z.literal("stop"), ...order });
export type StopOrder = z.infer<typeof StopOrder>;

export const Order = z.discriminatedUnion("type", [TaskOrder, StopOrder]);
export type Order = z.infer<typeof Order>;
