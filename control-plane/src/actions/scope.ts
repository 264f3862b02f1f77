import { ApiError } from "@cloud-assistant/shared/errors";
import type { Context } from "../context.ts";
import type { Invocation, Scope } from "../store/store.ts";
import type { Call } from "./action.ts";

/** What the call can see: its account's rows in the region it names. */
export function toScope({ caller }: Pick<Call, "caller">, regionId: string): Scope {
  return { accountId: caller.accountId, regionId };
}

/** Whether a row found by its id is one that a caller in `scope` may know of. */
export function isIn<Row extends Scope>(scope: Scope, row: Row | undefined): row is Row {
  return row?.accountId === scope.accountId && row.regionId === scope.regionId;
}

/** @throws {ApiError} `InvalidInvokeId.NotFound`, for another account's invocation too. */
export async function findInvocation(
  { store }: Pick<Context, "store">,
  scope: Scope,
  invokeId: string,
): Promise<Invocation> {
  const invocation = await store.invocations.find(invokeId);
  if (!isIn(scope, invocation)) throw new ApiError("InvalidInvokeId.NotFound");
  return invocation;
}
