import { DescribeCloudAssistantSettingsInput, type DescribeCloudAssistantSettingsAnswer } from "@cloud-assistant/shared/api/settings";
import { describeSettings } from "../domain/settings.ts";
import { defineAction } from "./action.ts";

export const describeCloudAssistantSettings = defineAction({
  name: "DescribeCloudAssistantSettings",
  input: DescribeCloudAssistantSettingsInput,
  mutates: false,
  run: async ({ store }, { RegionId, SettingType }): Promise<DescribeCloudAssistantSettingsAnswer> =>
    describeSettings(await store.settings.find(RegionId), SettingType),
});
