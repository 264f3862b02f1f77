import { ListSecretParametersInput } from "@cloud-assistant/shared/api/parameter-store";
import { OOS_VERSION } from "@cloud-assistant/shared/api/versions";
import { defineAction } from "./action.ts";
import { parameterDemand } from "./parameter-resources.ts";
import { listAny } from "./parameters.ts";

export const listSecretParameters = defineAction({
  name: "ListSecretParameters",
  version: OOS_VERSION,
  input: ListSecretParametersInput,
  mutates: false,
  permission: "oos:ListSecretParameters",
  resources: (context, { RegionId }, call) => parameterDemand(context, call, true, { RegionId, Names: [] }),
  run: (context, input, call) => listAny(context, input, call, true),
});
