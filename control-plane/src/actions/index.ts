import type { Action } from "./action.ts";
import { createActivation } from "./create-activation.ts";
import { describeActivations } from "./describe-activations.ts";
import { describeCloudAssistantStatus } from "./describe-cloud-assistant-status.ts";
import { describeInstances } from "./describe-instances.ts";
import { describeInvocationResults } from "./describe-invocation-results.ts";
import { describeInvocations } from "./describe-invocations.ts";
import { describeManagedInstances } from "./describe-managed-instances.ts";
import { describeRegions } from "./describe-regions.ts";
import { runCommand } from "./run-command.ts";
import { stopInvocation } from "./stop-invocation.ts";
import { streamInvocationOutput } from "./stream-invocation-output.ts";

/** Every action by its name; a new one is its file and a line here. */
export const ACTIONS: ReadonlyMap<string, Action> = new Map(
  [
    createActivation,
    describeActivations,
    describeCloudAssistantStatus,
    describeInstances,
    describeInvocationResults,
    describeInvocations,
    describeManagedInstances,
    describeRegions,
    runCommand,
    stopInvocation,
    streamInvocationOutput,
  ].map((action) => [action.name, action]),
);
