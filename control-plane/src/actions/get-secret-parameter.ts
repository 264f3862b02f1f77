import { GetSecretParameterInput, type GetParameterAnswer } from "@cloud-assistant/shared/api/parameter-store";
import { OOS_VERSION } from "@cloud-assistant/shared/api/versions";
import { defineAction } from "./action.ts";
import { parameterDemand } from "./parameter-resources.ts";
import { toValued } from "./parameter-values.ts";
import { findParameter, toKey } from "./parameters.ts";

/** The value is empty unless WithDecryption asks for it. */
export const getSecretParameter = defineAction({
  name: "GetSecretParameter",
  version: OOS_VERSION,
  input: GetSecretParameterInput,
  mutates: false,
  permission: "oos:GetSecretParameter",
  resources: (context, { RegionId, Name }, call) => parameterDemand(context, call, true, { RegionId, Names: [Name] }),
  run: async (context, input, call): Promise<GetParameterAnswer> => {
    const parameter = await findParameter(context, toKey(context, call, true, input));
    return {
      Parameter: await toValued(context, parameter, {
        version: input.ParameterVersion,
        shown: input.WithDecryption ?? false,
      }),
    };
  },
});
