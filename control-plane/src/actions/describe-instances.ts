import { DescribeInstancesInput, type DescribeInstancesAnswer } from "@cloud-assistant/shared/api/instances";
import { ApiError } from "@cloud-assistant/shared/errors";
import type { Context } from "../context.ts";
import { groupFilter } from "../domain/resource-groups.ts";
import type { InstanceFilter, Page } from "../store/store.ts";
import { defineAction, type Call } from "./action.ts";
import { toInstance } from "./instance-answer.ts";
import { emptyPage, listPage } from "./list-page.ts";
import { instanceResources } from "./resources.ts";
import { toScope } from "./scope.ts";

/** The registered hosts, as far as they are like instances of a cloud. */
export const describeInstances = defineAction({
  name: "DescribeInstances",
  input: DescribeInstancesInput,
  mutates: false,
  resources: async (context, { RegionId, InstanceIds = [] }, call) => ({
    resources: await instanceResources(context, toScope(call, RegionId), InstanceIds),
  }),
  run: async (context, input, call): Promise<DescribeInstancesAnswer> => {
    const { hub, store } = context;
    const filter = toFilter(context, input, call);
    if (input.DryRun) throw new ApiError("DryRunOperation");
    const { rows, page } = await listPage(
      context,
      call,
      input,
      filter ? (wanted: Page) => store.instances.list(filter, wanted) : emptyPage,
    );
    return { ...page, Instances: { Instance: rows.map((row) => toInstance(row, hub.isConnected(row.instanceId))) } };
  },
});

/** Undefined when no host can match. */
function toFilter({ hub, config }: Context, input: DescribeInstancesInput, call: Call): InstanceFilter | undefined {
  if (input.Filter.length > 0) {
    throw new ApiError("Operation.Forbidden", { detail: "The parameter Filter is not supported." });
  }
  const addresses = [...(input.PrivateIpAddresses ?? []), ...(input.PublicIpAddresses ?? [])];
  if (addresses.length > 1) {
    throw new ApiError("Operation.Forbidden", {
      detail: "PrivateIpAddresses and PublicIpAddresses support one address together.",
    });
  }
  if (asksForCloud(input)) return undefined;
  const transient = input.Status !== undefined && input.Status !== "Running" && input.Status !== "Stopped";
  if (transient || input.InstanceIds?.length === 0) return undefined;
  const resourceGroupIds = groupFilter(input.ResourceGroupId, config.resourceGroupIds);
  return {
    ...toScope(call, input.RegionId),
    tags: input.Tag,
    ...(resourceGroupIds && { resourceGroupIds }),
    ...(input.InstanceIds && { instanceIds: input.InstanceIds }),
    ...(input.InstanceName && { instanceName: input.InstanceName }),
    ...(addresses[0] && { instanceIp: addresses[0] }),
    ...(input.Status && { connected: input.Status === "Running", connectedIds: hub.connectedIds() }),
  };
}

function asksForCloud(input: DescribeInstancesInput): boolean {
  const { VpcId, VSwitchId, ZoneId, SecurityGroupId, ImageId, InstanceType, InstanceTypeFamily, KeyPairName } = input;
  const { LockReason, InstanceChargeType, InternetChargeType, InstanceNetworkType } = input;
  const place = [VpcId, VSwitchId, ZoneId, SecurityGroupId, InstanceNetworkType];
  return [
    ...place,
    ImageId,
    InstanceType,
    InstanceTypeFamily,
    KeyPairName,
    LockReason,
    InstanceChargeType,
    InternetChargeType,
  ].some((asked) => asked !== undefined);
}
