import type { Context } from "../context.ts";
import type { Instance } from "../store/store.ts";

/** The named instances that exist in the region, in the order they are named. */
export async function findInstances({ store }: Pick<Context, "store">, regionId: string, instanceIds: readonly string[]): Promise<Instance[]> {
  const found = await Promise.all(instanceIds.map((id) => store.instances.find(id)));
  return found.filter((instance) => instance?.regionId === regionId) as Instance[];
}
