import { DescribeRegionsInput, type DescribeRegionsAnswer } from "@cloud-assistant/shared/api/instances";
import { defineAction } from "./action.ts";
import { EVERYTHING } from "./resources.ts";

/** CLI and Terraform may resolve endpoints by it, so every region's endpoint is where the caller found us. */
export const describeRegions = defineAction({
  name: "DescribeRegions",
  input: DescribeRegionsInput,
  mutates: false,
  resources: () => EVERYTHING,
  run: async ({ config }, _input, { host }): Promise<DescribeRegionsAnswer> => ({
    Regions: {
      Region: config.regionIds.map((id) => ({
        RegionId: id,
        LocalName: id,
        RegionEndpoint: host,
        Status: "available",
      })),
    },
  }),
});
