import { ListParametersInput, type ListParametersAnswer } from "@cloud-assistant/shared/api/parameter-store";
import { OOS_VERSION } from "@cloud-assistant/shared/api/versions";
import { defineAction } from "./action.ts";
import { parameterDemand } from "./parameter-resources.ts";
import { listAny } from "./parameters.ts";

export const listParameters = defineAction({
  name: "ListParameters",
  version: OOS_VERSION,
  input: ListParametersInput,
  mutates: false,
  permission: "oos:ListParameters",
  resources: (context, { RegionId }, call) => parameterDemand(context, call, false, { RegionId, Names: [] }),
  run: async (context, { Type, ShareType, ...input }, call): Promise<ListParametersAnswer> => {
    // public parameters are Alibaba Cloud's own
    if (ShareType === "Public") return { MaxResults: input.MaxResults, NextToken: "", TotalCount: 0, Parameters: [] };
    return listAny(context, input, call, false, Type);
  },
});
