import {
  MAX_PARAMETER_VERSIONS,
  type CreateAnyInput,
  type ListAnyInput,
  type ListParametersAnswer,
  type OneParameterAnswer,
  type UpdateAnyInput,
} from "@cloud-assistant/shared/api/parameter-store";
import { ApiError } from "@cloud-assistant/shared/errors";
import type { Context } from "../context.ts";
import { checkResourceGroup, groupFilter } from "../domain/resource-groups.ts";
import { parameterPurpose } from "../domain/seal-purposes.ts";
import type { Parameter, ParameterFilter, ParameterKey, ParameterPage } from "../store/parameters.ts";
import type { Call } from "./action.ts";
import { pageTokens } from "./list-page.ts";
import { toParameter } from "./parameter-answer.ts";
import { checkValue } from "./parameter-values.ts";
import { withClientToken } from "./with-client-token.ts";

/** What the actions on plain and on secret parameters do alike. OOS does not insist on a region. */

/** @throws {ApiError} `ParameterStore.NotSupported` where the configuration has turned it off */
export function toKey(
  { config }: Pick<Context, "config">,
  { caller }: Call,
  secret: boolean,
  input: { readonly RegionId?: string | undefined; readonly Name: string },
): ParameterKey {
  if (!config.parameterStore) throw new ApiError("ParameterStore.NotSupported");
  return {
    accountId: caller.accountId,
    regionId: input.RegionId ?? config.regionIds[0] ?? "",
    secret,
    name: input.Name,
  };
}

/** @throws {ApiError} `EntityNotExists.Parameter` */
export async function findParameter({ store }: Pick<Context, "store">, key: ParameterKey): Promise<Parameter> {
  const parameter = await store.parameters.find(key);
  if (!parameter) throw new ApiError("EntityNotExists.Parameter");
  return parameter;
}

export function createAny(context: Context, input: CreateAnyInput, call: Call): Promise<OneParameterAnswer> {
  return withClientToken<OneParameterAnswer>(context, call, input.ClientToken, async (requestFor) => {
    const { store, keys, ids, clock, config } = context;
    const resourceGroupId = checkResourceGroup(input.ResourceGroupId, config.resourceGroupIds);
    checkValue(input.Value, input.Constraints ?? "");
    const by = { createdBy: toActor(call), updatedBy: toActor(call), createdMs: clock.now(), updatedMs: clock.now() };
    const parameter: Parameter = {
      ...toKey(context, call, input.Type === "Secret", input),
      ...by,
      parameterId: ids.parameterId(),
      type: input.Type,
      description: input.Description ?? "",
      constraints: input.Constraints ?? "",
      resourceGroupId,
      keyId: input.KeyId ?? "",
      version: 1,
      tags: input.Tags ?? [],
    };
    const answer = { Parameter: toParameter(parameter) };
    await store.parameters.insert(
      parameter,
      keys.seal(parameterPurpose(parameter.parameterId), input.Value),
      requestFor(answer),
    );
    call.committed();
    return answer;
  });
}

export async function updateAny(
  context: Context,
  input: UpdateAnyInput,
  call: Call,
  secret: boolean,
): Promise<OneParameterAnswer> {
  const { store, keys, clock, config } = context;
  const key = toKey(context, call, secret, input);
  const { parameterId, constraints } = await findParameter(context, key);
  checkResourceGroup(input.ResourceGroupId, config.resourceGroupIds);
  if (input.Value !== undefined) checkValue(input.Value, constraints);
  const changes = {
    ...(input.Description !== undefined && { description: input.Description }),
    ...(input.ResourceGroupId !== undefined && { resourceGroupId: input.ResourceGroupId }),
    ...(input.Tags !== undefined && { tags: input.Tags }),
    ...(input.Value !== undefined && { sealedValue: keys.seal(parameterPurpose(parameterId), input.Value) }),
    updatedBy: toActor(call),
    updatedMs: clock.now(),
  };
  const updated = await store.parameters.update(key, changes, MAX_PARAMETER_VERSIONS, call.request);
  call.committed();
  return { Parameter: toParameter(updated) };
}

export async function listAny(
  context: Context,
  input: ListAnyInput,
  call: Call,
  secret: boolean,
  type?: string,
): Promise<ListParametersAnswer> {
  const { NextToken, MaxResults, ...filters } = input;
  const tokens = pageTokens(context, call, { ...filters, type });
  const groups = groupFilter(input.ResourceGroupId, context.config.resourceGroupIds);
  const { name: _name, ...key } = toKey(context, call, secret, { ...input, Name: "" });
  const filter: ParameterFilter = {
    ...key,
    tags: input.Tags ?? [],
    ...(input.Name && { namePart: input.Name }),
    ...(type && { type }),
    ...(input.Path && {
      path: input.Path.endsWith("/") ? input.Path : `${input.Path}/`,
      recursive: input.Recursive ?? false,
    }),
    ...(groups && { resourceGroupIds: groups }),
  };
  const page: ParameterPage = {
    sortField: input.SortField === "Name" ? "name" : "createdMs",
    ascending: input.SortOrder === "Ascending",
    limit: MaxResults,
    ...(NextToken !== undefined && {
      after: JSON.parse(tokens.open(NextToken)) as NonNullable<ParameterPage["after"]>,
    }),
  };
  const { rows, total, next } = await context.store.parameters.list(filter, page);
  return {
    MaxResults,
    NextToken: next ? tokens.seal(JSON.stringify(next)) : "",
    TotalCount: total,
    Parameters: rows.map(toParameter),
  };
}

/** As OOS spells who did something. */
function toActor({ caller: { accountId, user } }: Call): string {
  return user ? `${user.userName}(${user.userId})` : `root(${accountId})`;
}
