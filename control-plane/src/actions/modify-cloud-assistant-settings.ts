import { ModifyCloudAssistantSettingsInput } from "@cloud-assistant/shared/api/settings";
import { changeSettings } from "../domain/settings.ts";
import { defineAction } from "./action.ts";

export const modifyCloudAssistantSettings = defineAction({
  name: "ModifyCloudAssistantSettings",
  input: ModifyCloudAssistantSettingsInput,
  mutates: true,
  run: async ({ store }, input, call) => {
    await store.settings.change(input.RegionId, (settings) => changeSettings(settings, input), call.request);
    call.committed();
    return {};
  },
});
