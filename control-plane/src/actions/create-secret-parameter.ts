import { CreateSecretParameterInput } from "@cloud-assistant/shared/api/parameter-store";
import { OOS_VERSION } from "@cloud-assistant/shared/api/versions";
import { defineAction } from "./action.ts";
import { createAny } from "./parameters.ts";

export const createSecretParameter = defineAction({
  name: "CreateSecretParameter",
  version: OOS_VERSION,
  input: CreateSecretParameterInput,
  mutates: true,
  run: createAny,
});
