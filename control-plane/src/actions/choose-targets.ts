import type { RunOptions } from "@cloud-assistant/shared/api/run-options";
import { ApiError, type ApiErrorCode } from "@cloud-assistant/shared/errors";
import type { HostFacts } from "@cloud-assistant/shared/protocol/frames";
import type { CommandType } from "@cloud-assistant/shared/vocabulary";
import type { Context } from "../context.ts";
import { checkMembers, groupFilter } from "../domain/resource-groups.ts";
import type { Run } from "../domain/run.ts";
import type { Committed } from "../link/hub.ts";
import type { Command, Instance, NewTarget, Scope } from "../store/store.ts";
import type { Call } from "./action.ts";
import { authorize } from "./authorize.ts";
import { findInstances } from "./find-instances.ts";
import { instanceResource, instanceResources, runAsOf, type Demand, type Resource } from "./resources.ts";
import { toScope } from "./scope.ts";

type Asked = Pick<RunOptions, "InstanceId" | "ResourceTag" | "ResourceGroupId" | "Username" | "Tag">;

/** What RunCommand and InvokeCommand ask a policy about. Without tags and names, which is refused, of all hosts. */
export async function startDemand(
  context: Context,
  scope: Scope,
  commandType: CommandType,
  asked: Asked,
  command: Resource,
): Promise<Demand> {
  const tagged =
    asked.InstanceId.length === 0 && asked.ResourceTag.length > 0 ? await listTagged(context, scope, asked) : [];
  const instances =
    tagged.length > 0 ? tagged.map(instanceResource) : await instanceResources(context, scope, asked.InstanceId);
  return { resources: [...instances, command], runAs: runAsOf(commandType, asked.Username), requestTags: asked.Tag };
}

/** One more than a call may have, so that too many are told from enough. */
async function listTagged(
  { store, config }: Context,
  scope: Scope,
  { ResourceTag: tags, ResourceGroupId }: Asked,
): Promise<readonly Instance[]> {
  const groups = groupFilter(ResourceGroupId, config.resourceGroupIds);
  const { rows } = await store.instances.list(
    { ...scope, tags, ...(groups && { resourceGroupIds: groups }) },
    { limit: config.maxInstancesPerInvocation + 1 },
  );
  return rows;
}

/**
 * The hosts named by id, or those that carry all the tags; one that does not fit fails the whole call.
 * @throws {ApiError} the documented error of the first thing that is not right
 */
export async function chooseTargets(
  context: Context,
  call: Call,
  command: Pick<Command, "regionId" | "commandType">,
  asked: Asked,
): Promise<string[]> {
  const scope = toScope(call, command.regionId);
  const { commandType } = command;
  const { InstanceId: named, ResourceTag: tags } = asked;
  const { maxInstancesPerInvocation: most } = context.config;
  if (tags.length > 0 && named.length > 0) throw new ApiError("InvalidResourceTag.ConflictWithInstanceIds");
  if (tags.length === 0 && named.length === 0) throw new ApiError("MissingParam.InstanceId");
  if (named.length > most) throw new ApiError("InstanceIds.ExceedLimit");
  if (named.length > 0) return checkNamed(context, scope, commandType, asked, CODES);
  const rows = await listTagged(context, scope, asked);
  if (rows.length === 0) throw new ApiError("InvalidResourceTag.InstanceNotFound");
  if (rows.length > most) throw new ApiError("InstanceIds.ExceedLimit");
  checkOsType(
    commandType,
    rows.map(({ host }) => host.osType),
    CODES,
  );
  // those that are run on, where others may have got the tag since the call was let through
  const demand = {
    resources: rows.map(instanceResource),
    runAs: runAsOf(commandType, asked.Username),
    requestTags: asked.Tag,
  };
  await authorize(context, call, { permission: `ecs:${call.action}`, regionId: scope.regionId, demand });
  return rows.map(({ instanceId }) => instanceId);
}

type TargetCodes = { readonly notFound: ApiErrorCode; readonly otherOs: ApiErrorCode };
const CODES: TargetCodes = { notFound: "InvalidInstance.NotFound", otherOs: "InvalidInstance.NotMatch" };

export async function checkNamed(
  context: Context,
  scope: Scope,
  commandType: CommandType,
  { InstanceId: named, ResourceGroupId }: Pick<Asked, "InstanceId" | "ResourceGroupId">,
  codes: TargetCodes,
): Promise<string[]> {
  if (ResourceGroupId)
    checkMembers(ResourceGroupId, await findInstances(context, scope, named), context.config.resourceGroupIds);
  const osTypes = await context.store.instances.osTypesOf(scope, named);
  if (osTypes.length < named.length) throw new ApiError(codes.notFound);
  checkOsType(commandType, osTypes, codes);
  return [...named];
}

function checkOsType(
  commandType: CommandType,
  osTypes: readonly HostFacts["osType"][],
  { otherOs }: TargetCodes,
): void {
  const wanted = commandType === "RunShellScript" ? "linux" : "windows";
  if (osTypes.some((osType) => osType !== wanted)) throw new ApiError(otherOs);
}

/** Every host with its first state: about to be sent to where it is connected, else waiting for it. */
export function toTargets(
  { hub }: Context,
  instanceIds: readonly string[],
  createdMs: number,
  deadlineMs: number,
): NewTarget[] {
  return instanceIds.map((instanceId) => {
    const sentLedgerId = hub.ledgerOf(instanceId);
    const pending: Run = { status: "Pending", deadlineMs };
    return sentLedgerId === undefined
      ? { instanceId, run: pending }
      : { instanceId, run: { ...pending, sentMs: createdMs }, sentLedgerId };
  });
}

/** After the commit: orders leave to hosts that are connected. */
export function deliver({ hub }: Context, invokeId: string, targets: readonly NewTarget[], of?: Committed): void {
  const [sent, waiting] = [targets.filter(isSent), targets.filter((target) => !isSent(target))];
  hub.send(
    sent.map(({ instanceId }) => ({ instanceId, invokeId, iteration: 1 })),
    of,
  );
  hub.wake(waiting.map(({ instanceId }) => instanceId)); // one may have connected during the commit
}

function isSent({ sentLedgerId }: NewTarget): boolean {
  return sentLedgerId !== undefined;
}
