import type { RunOptions } from "@cloud-assistant/shared/api/run-options";
import { ApiError, type ApiErrorCode } from "@cloud-assistant/shared/errors";
import type { HostFacts } from "@cloud-assistant/shared/protocol/frames";
import type { CommandType } from "@cloud-assistant/shared/vocabulary";
import type { Context } from "../context.ts";
import { checkMembers, groupFilter } from "../domain/resource-groups.ts";
import type { Run } from "../domain/run.ts";
import type { Committed } from "../link/hub.ts";
import type { NewTarget } from "../store/store.ts";
import { findInstances } from "./find-instances.ts";

type Asked = Pick<RunOptions, "InstanceId" | "ResourceTag" | "ResourceGroupId">;

/**
 * The hosts named by id, or those that carry all the tags; one that does not fit fails the whole call.
 * @throws {ApiError} the documented error of the first thing that is not right
 */
export async function chooseTargets(context: Context, regionId: string, commandType: CommandType, asked: Asked): Promise<string[]> {
  const { InstanceId: named, ResourceTag: tags } = asked;
  const { maxInstancesPerInvocation: most } = context.config;
  if (tags.length > 0 && named.length > 0) throw new ApiError("InvalidResourceTag.ConflictWithInstanceIds");
  if (tags.length === 0 && named.length === 0) throw new ApiError("MissingParam.InstanceId");
  if (named.length > most) throw new ApiError("InstanceIds.ExceedLimit");
  if (named.length > 0) return checkNamed(context, regionId, commandType, asked, CODES);
  const groups = groupFilter(asked.ResourceGroupId, context.config.resourceGroupIds);
  const { rows } = await context.store.instances.list({ regionId, tags, ...(groups && { resourceGroupIds: groups }) }, { limit: most + 1 });
  if (rows.length === 0) throw new ApiError("InvalidResourceTag.InstanceNotFound");
  if (rows.length > most) throw new ApiError("InstanceIds.ExceedLimit");
  checkOsType(
    commandType,
    rows.map(({ host }) => host.osType),
    CODES,
  );
  return rows.map(({ instanceId }) => instanceId);
}

type TargetCodes = { readonly notFound: ApiErrorCode; readonly otherOs: ApiErrorCode };
const CODES: TargetCodes = { notFound: "InvalidInstance.NotFound", otherOs: "InvalidInstance.NotMatch" };

export async function checkNamed(
  context: Context,
  regionId: string,
  commandType: CommandType,
  { InstanceId: named, ResourceGroupId }: Pick<Asked, "InstanceId" | "ResourceGroupId">,
  codes: TargetCodes,
): Promise<string[]> {
  if (ResourceGroupId) checkMembers(ResourceGroupId, await findInstances(context, regionId, named), context.config.resourceGroupIds);
  const osTypes = await context.store.instances.osTypesOf(regionId, named);
  if (osTypes.length < named.length) throw new ApiError(codes.notFound);
  checkOsType(commandType, osTypes, codes);
  return [...named];
}

function checkOsType(commandType: CommandType, osTypes: readonly HostFacts["osType"][], { otherOs }: TargetCodes): void {
  const wanted = commandType === "RunShellScript" ? "linux" : "windows";
  if (osTypes.some((osType) => osType !== wanted)) throw new ApiError(otherOs);
}

/** Every host with its first state: about to be sent to where it is connected, else waiting for it. */
export function toTargets({ hub }: Context, instanceIds: readonly string[], createdMs: number, deadlineMs: number): NewTarget[] {
  return instanceIds.map((instanceId) => {
    const sentLedgerId = hub.ledgerOf(instanceId);
    const pending: Run = { status: "Pending", deadlineMs };
    return sentLedgerId === undefined ? { instanceId, run: pending } : { instanceId, run: { ...pending, sentMs: createdMs }, sentLedgerId };
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
