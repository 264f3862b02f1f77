import { randomBytes } from "node:crypto";
import { TaskOrder } from "@cloud-assistant/shared/protocol/orders";
import * as z from "zod";
import { runName } from "./run-name.ts";

export const Launch = z.object({
  user: z.object({ name: z.string(), uid: z.int(), gid: z.int(), home: z.string(), shell: z.string() }),
  userSwitch: z.enum(["none", "setpriv", "runuser", "su"]),
  cwd: z.string(),
  interpreter: z.string(),
  argument: z.string(),
});
export type Launch = z.infer<typeof Launch>;

/** `task.json`: everything that must be known of a run before it starts, and stays as it was accepted. */
export const RunRecord = z.object({
  ...TaskOrder.pick({ expiresMs: true, timeoutSeconds: true, terminationMode: true }).shape,
  /** The script holds secrets, which go with it as soon as the run has ended. */
  sealed: z.boolean(),
  bootId: z.string(),
  /** Stands behind the script's last byte in the spool; the script cannot know it. */
  mark: z.string(),
  /** In the environment of the script, to find its processes by. */
  marker: z.string(),
  launch: Launch,
  /** What is started, below the run's directory. A script of the agent's own user needs no directory that others cannot enter. */
  script: z.enum(["script", "script/run"]),
});
export type RunRecord = z.infer<typeof RunRecord>;

/** @param more what was found out on this host */
export function toRecord(
  order: TaskOrder,
  more: { readonly launch: Launch; readonly bootId: string; readonly hasLauncher: boolean },
): RunRecord {
  const { expiresMs, timeoutSeconds, terminationMode } = order;
  const { launch, bootId, hasLauncher } = more;
  return {
    expiresMs,
    timeoutSeconds,
    terminationMode,
    sealed: order.sealed !== undefined,
    bootId,
    mark: secret(),
    marker: `${runName(order)}:${secret()}`,
    launch,
    script: hasLauncher || launch.userSwitch !== "none" ? "script/run" : "script",
  };
}

/** 48 hex digits: unguessable, and free of anything a shell or a pattern would read. */
function secret(): string {
  return randomBytes(24).toString("hex");
}
