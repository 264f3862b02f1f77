import type { Context } from "../context.ts";
import type { Instance, Scope } from "../store/store.ts";
import { isIn } from "./scope.ts";

/** The named instances that the account has in the region, in the order they are named. */
export async function findInstances(
  { store }: Pick<Context, "store">,
  scope: Scope,
  instanceIds: readonly string[],
): Promise<Instance[]> {
  const found = await Promise.all(instanceIds.map((id) => store.instances.find(id)));
  return found.filter((instance) => isIn(scope, instance));
}
