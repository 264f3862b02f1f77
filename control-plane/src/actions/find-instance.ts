import { ApiError } from "@cloud-assistant/shared/errors";
import type { Context } from "../context.ts";
import type { Instance } from "../store/store.ts";

/** @throws {ApiError} `InvalidInstance.NotFound`, also for one of another region or one that was deregistered. */
export async function findInstance(
  { store }: Pick<Context, "store">,
  { RegionId, InstanceId }: { readonly RegionId: string; readonly InstanceId: string },
): Promise<Instance> {
  const found = await store.instances.find(InstanceId);
  if (found?.regionId !== RegionId) throw new ApiError("InvalidInstance.NotFound");
  return found;
}
