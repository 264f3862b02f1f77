import { GetParametersInput, type GetParametersAnswer } from "@cloud-assistant/shared/api/parameter-store";
import { OOS_VERSION } from "@cloud-assistant/shared/api/versions";
import { defineAction } from "./action.ts";
import { parameterDemand } from "./parameter-resources.ts";
import { toValued } from "./parameter-values.ts";
import { toKey } from "./parameters.ts";

/** Names that are not there are told apart; they fail nothing. */
export const getParameters = defineAction({
  name: "GetParameters",
  version: OOS_VERSION,
  input: GetParametersInput,
  mutates: false,
  permission: "oos:GetParameters",
  resources: (context, { RegionId, Names = [] }, call) => parameterDemand(context, call, false, { RegionId, Names }),
  run: async (context, { RegionId, Names = [] }, call): Promise<GetParametersAnswer> => {
    const found = await Promise.all(
      Names.map((Name) => context.store.parameters.find(toKey(context, call, false, { RegionId, Name }))),
    );
    const known = found.filter((parameter) => parameter !== undefined);
    return {
      Parameters: await Promise.all(known.map((parameter) => toValued(context, parameter, {}))),
      InvalidParameters: Names.filter((_, index) => found[index] === undefined),
    };
  },
});
