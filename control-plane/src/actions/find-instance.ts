import { ApiError } from "@cloud-assistant/shared/errors";
import type { Context } from "../context.ts";
import type { Instance, Scope } from "../store/store.ts";
import { isIn } from "./scope.ts";

/** @throws {ApiError} `InvalidInstance.NotFound`, also for one of another account or region or one that was deregistered. */
export async function findInstance(
  { store }: Pick<Context, "store">,
  scope: Scope,
  instanceId: string,
): Promise<Instance> {
  const found = await store.instances.find(instanceId);
  if (!isIn(scope, found)) throw new ApiError("InvalidInstance.NotFound");
  return found;
}
