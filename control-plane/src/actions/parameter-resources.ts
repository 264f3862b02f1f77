import type { Context } from "../context.ts";
import type { Parameter, ParameterKey } from "../store/parameters.ts";
import type { Call } from "./action.ts";
import { toKey } from "./parameters.ts";
import type { Demand, Resource } from "./resources.ts";

type Named = Pick<ParameterKey, "secret" | "name">;

/** `parameter/NAME` or `secretparameter/NAME`, as OOS names them in policies. */
export function parameterResource({ secret, name }: Named, parameter?: Pick<Parameter, "tags">): Resource {
  return { name: `${secret ? "secretparameter" : "parameter"}/${name}`, tags: parameter?.tags ?? [] };
}

/** What the actions on named parameters ask a policy about; of all of a kind, `*`, where none is named. */
export async function parameterDemand(
  context: Context,
  call: Call,
  secret: boolean,
  { RegionId, Names }: { readonly RegionId?: string | undefined; readonly Names: readonly string[] },
): Promise<Demand> {
  const { regionId } = toKey(context, call, secret, { RegionId, Name: "" });
  if (Names.length === 0) return { regionId, resources: [parameterResource({ secret, name: "*" })] };
  const resources = Names.map(async (Name) => {
    const key = toKey(context, call, secret, { RegionId, Name });
    return parameterResource(key, await context.store.parameters.find(key));
  });
  return { regionId, resources: await Promise.all(resources) };
}
