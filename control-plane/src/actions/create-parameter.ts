import { CreateParameterInput } from "@cloud-assistant/shared/api/parameter-store";
import { OOS_VERSION } from "@cloud-assistant/shared/api/versions";
import { defineAction } from "./action.ts";
import { createAny } from "./parameters.ts";

export const createParameter = defineAction({
  name: "CreateParameter",
  version: OOS_VERSION,
  input: CreateParameterInput,
  mutates: true,
  run: createAny,
});
