import { UpdateAnyInput } from "@cloud-assistant/shared/api/parameter-store";
import { OOS_VERSION } from "@cloud-assistant/shared/api/versions";
import { defineAction } from "./action.ts";
import { parameterDemand } from "./parameter-resources.ts";
import { updateAny } from "./parameters.ts";

export const updateSecretParameter = defineAction({
  name: "UpdateSecretParameter",
  version: OOS_VERSION,
  input: UpdateAnyInput,
  mutates: true,
  permission: "oos:UpdateSecretParameter",
  resources: async (context, { RegionId, Name, Tags = [] }, call) => ({
    ...(await parameterDemand(context, call, true, { RegionId, Names: [Name] })),
    requestTags: Tags,
  }),
  run: (context, input, call) => updateAny(context, input, call, true),
});
