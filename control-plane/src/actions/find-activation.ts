import type { ChangeActivationInput } from "@cloud-assistant/shared/api/activations";
import { ApiError } from "@cloud-assistant/shared/errors";
import type { Context } from "../context.ts";
import type { Activation } from "../store/store.ts";

/** @throws {ApiError} `ActivationId.NotFound`, also for one of another region. */
export async function findActivation({ store }: Pick<Context, "store">, input: ChangeActivationInput): Promise<Activation> {
  const found = await store.activations.find(input.ActivationId);
  if (found?.regionId !== input.RegionId) throw new ApiError("ActivationId.NotFound");
  return found;
}
