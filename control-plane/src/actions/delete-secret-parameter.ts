import { DeleteParameterInput } from "@cloud-assistant/shared/api/parameter-store";
import { OOS_VERSION } from "@cloud-assistant/shared/api/versions";
import { defineAction } from "./action.ts";
import { parameterDemand } from "./parameter-resources.ts";
import { toKey } from "./parameters.ts";

/** With all of its versions. Runs that were accepted before have their values. */
export const deleteSecretParameter = defineAction({
  name: "DeleteSecretParameter",
  version: OOS_VERSION,
  input: DeleteParameterInput,
  mutates: true,
  permission: "oos:DeleteSecretParameter",
  resources: (context, { RegionId, Name }, call) => parameterDemand(context, call, true, { RegionId, Names: [Name] }),
  run: async (context, input, call) => {
    await context.store.parameters.remove(toKey(context, call, true, input), call.request);
    call.committed();
    return {};
  },
});
