import { ApiError } from "@cloud-assistant/shared/errors";
import type { Context } from "../context.ts";
import type { Activation, Scope } from "../store/store.ts";
import { isIn } from "./scope.ts";

/** @throws {ApiError} `ActivationId.NotFound`, also for one of another account or region. */
export async function findActivation(
  { store }: Pick<Context, "store">,
  scope: Scope,
  activationId: string,
): Promise<Activation> {
  const found = await store.activations.find(activationId);
  if (!isIn(scope, found)) throw new ApiError("ActivationId.NotFound");
  return found;
}
