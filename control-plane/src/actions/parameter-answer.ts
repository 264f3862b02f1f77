import type { ParameterAnswer } from "@cloud-assistant/shared/api/parameter-store";
import type { Parameter } from "../store/parameters.ts";
import { toTime } from "./run-answer.ts";

export function toParameter(parameter: Parameter): ParameterAnswer {
  return {
    Id: parameter.parameterId,
    Name: parameter.name,
    Type: parameter.type,
    Description: parameter.description,
    Constraints: parameter.constraints,
    ShareType: "Private",
    ResourceGroupId: parameter.resourceGroupId,
    ParameterVersion: parameter.version,
    CreatedBy: parameter.createdBy,
    CreatedDate: toTime(parameter.createdMs),
    UpdatedBy: parameter.updatedBy,
    UpdatedDate: toTime(parameter.updatedMs),
    Tags: Object.fromEntries(parameter.tags.map(({ key, value }) => [key, value])),
    ...(parameter.secret && { KeyId: parameter.keyId }),
  };
}
