import { CreateSecretParameterInput } from "@cloud-assistant/shared/api/parameter-store";
import { OOS_VERSION } from "@cloud-assistant/shared/api/versions";
import { defineAction } from "./action.ts";
import { parameterDemand } from "./parameter-resources.ts";
import { createAny } from "./parameters.ts";

export const createSecretParameter = defineAction({
  name: "CreateSecretParameter",
  version: OOS_VERSION,
  input: CreateSecretParameterInput,
  mutates: true,
  permission: "oos:CreateSecretParameter",
  resources: async (context, { RegionId, Name, Tags = [] }, call) => ({
    ...(await parameterDemand(context, call, true, { RegionId, Names: [Name] })),
    requestTags: Tags,
  }),
  run: createAny,
});
