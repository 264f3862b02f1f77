import {
  DescribeCloudAssistantSettingsInput,
  type DescribeCloudAssistantSettingsAnswer,
} from "@cloud-assistant/shared/api/settings";
import { describeSettings } from "../domain/settings.ts";
import { defineAction } from "./action.ts";
import { SETTINGS } from "./resources.ts";
import { toScope } from "./scope.ts";

export const describeCloudAssistantSettings = defineAction({
  name: "DescribeCloudAssistantSettings",
  input: DescribeCloudAssistantSettingsInput,
  mutates: false,
  resources: () => SETTINGS,
  run: async ({ store }, { RegionId, SettingType }, call): Promise<DescribeCloudAssistantSettingsAnswer> =>
    describeSettings(await store.settings.find(toScope(call, RegionId)), SettingType),
});
