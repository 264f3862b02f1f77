import { CreateParameterInput } from "@cloud-assistant/shared/api/parameter-store";
import { OOS_VERSION } from "@cloud-assistant/shared/api/versions";
import { defineAction } from "./action.ts";
import { parameterDemand } from "./parameter-resources.ts";
import { createAny } from "./parameters.ts";

export const createParameter = defineAction({
  name: "CreateParameter",
  version: OOS_VERSION,
  input: CreateParameterInput,
  mutates: true,
  permission: "oos:CreateParameter",
  resources: async (context, { RegionId, Name, Tags = [] }, call) => ({
    ...(await parameterDemand(context, call, false, { RegionId, Names: [Name] })),
    requestTags: Tags,
  }),
  run: createAny,
});
