import { GetParameterInput, type GetParameterAnswer } from "@cloud-assistant/shared/api/parameter-store";
import { OOS_VERSION } from "@cloud-assistant/shared/api/versions";
import { defineAction } from "./action.ts";
import { parameterDemand } from "./parameter-resources.ts";
import { toValued } from "./parameter-values.ts";
import { findParameter, toKey } from "./parameters.ts";

export const getParameter = defineAction({
  name: "GetParameter",
  version: OOS_VERSION,
  input: GetParameterInput,
  mutates: false,
  permission: "oos:GetParameter",
  resources: (context, { RegionId, Name }, call) => parameterDemand(context, call, false, { RegionId, Names: [Name] }),
  run: async (context, input, call): Promise<GetParameterAnswer> => {
    const parameter = await findParameter(context, toKey(context, call, false, input));
    return { Parameter: await toValued(context, parameter, { version: input.ParameterVersion }) };
  },
});
