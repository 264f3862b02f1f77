import { ModifyCloudAssistantSettingsInput } from "@cloud-assistant/shared/api/settings";
import { changeSettings } from "../domain/settings.ts";
import { defineAction } from "./action.ts";
import { SETTINGS } from "./resources.ts";
import { toScope } from "./scope.ts";

export const modifyCloudAssistantSettings = defineAction({
  name: "ModifyCloudAssistantSettings",
  input: ModifyCloudAssistantSettingsInput,
  mutates: true,
  resources: () => SETTINGS,
  run: async ({ store }, input, call) => {
    await store.settings.change(
      toScope(call, input.RegionId),
      (settings) => changeSettings(settings, input),
      call.request,
    );
    call.committed();
    return {};
  },
});
