import { CreateActivationInput, DescribeActivationsInput } from "@cloud-assistant/shared/api/activations";
import { parseInput } from "@cloud-assistant/shared/api/fields";
import { nestParameters } from "@cloud-assistant/shared/api/flatten";
import {
  DescribeCloudAssistantStatusInput,
  DescribeInstancesInput,
  DescribeManagedInstancesInput,
  DescribeRegionsInput,
} from "@cloud-assistant/shared/api/instances";
import {
  DescribeInvocationResultsInput,
  DescribeInvocationsInput,
  StopInvocationInput,
  StreamInvocationOutputInput,
} from "@cloud-assistant/shared/api/invocations";
import { findRepeatedKey } from "@cloud-assistant/shared/api/json-keys";
import { ApiError } from "@cloud-assistant/shared/errors";
import { planPage } from "@cloud-assistant/control-plane/domain/paging";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import type { z } from "zod";

const inputs = {
  CreateActivationInput,
  DescribeActivationsInput,
  DescribeCloudAssistantStatusInput,
  DescribeInstancesInput,
  DescribeInvocationResultsInput,
  DescribeInvocationsInput,
  DescribeManagedInstancesInput,
  DescribeRegionsInput,
  StopInvocationInput,
  StreamInvocationOutputInput,
};
type Name = keyof typeof inputs;
const parse = (name: Name, parameters: Record<string, string>): unknown =>
  parseInput(inputs[name] as z.ZodType<unknown>, nestParameters(Object.entries({ RegionId: "r", ...parameters })));

function errorOf(name: Name, parameters: Record<string, string>): string {
  try {
    parse(name, parameters);
    return "none";
  } catch (error) {
    return error instanceof ApiError ? `${error.code}: ${error.message}` : String(error);
  }
}
const ids = (count: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`InstanceId.${index + 1}`, `mi-${index}`]));

test.each<[Name, Record<string, string>, string]>([
  [
    "CreateActivationInput",
    { InstanceCount: "0" },
    "ActivationLimitation.Invalid: The specified parameter InstanceCount exceeds the limit of 1000.",
  ],
  ["CreateActivationInput", { InstanceCount: "1001" }, "ActivationLimitation.Invalid"],
  [
    "CreateActivationInput",
    { TimeToLiveInHours: "25" },
    "ActivationTTL.ExceedLimit: The specified parameter TimeToLiveInHours exceeds the limit of 24.",
  ],
  ["CreateActivationInput", { InstanceName: "n".repeat(51) }, "InstanceName.ExceedLimit"],
  ["CreateActivationInput", { InstanceName: "1a" }, "InstanceName.InvalidPattern"],
  ["CreateActivationInput", { InstanceName: "a" }, "InstanceName.InvalidPattern"],
  ["CreateActivationInput", { Description: "d".repeat(101) }, "ActivationDesc.ExceedLimit"],
  ["CreateActivationInput", { IpAddressRange: "10.0.0.256" }, "AddressRange.InvalidPattern"],
  ["CreateActivationInput", { IpAddressRange: "10.0.0.0/33" }, "AddressRange.InvalidPattern"],
  ["CreateActivationInput", { IpAddressRange: "10.0.0.0/8" }, "none"],
  ["DescribeActivationsInput", { MaxResults: "51" }, "InvalidParameter.MaxResults"],
  ["DescribeActivationsInput", { PageNumber: "0" }, "InvalidParam.PageNumber"],
  ["DescribeActivationsInput", { PageSize: "-1" }, "InvalidParam.PageSize"],
  ["DescribeInvocationsInput", { IncludeOutput: "true" }, "InvalidParameter"],
  ["DescribeInvocationsInput", { IncludeOutput: "true", InvokeId: "t-1" }, "none"],
  ["DescribeInvocationsInput", { CommandType: "x" }, "InvalidCmdType.NotFound"],
  [
    "DescribeInvocationsInput",
    { InvokeStatus: "x" },
    'InvalidParameter: The specified parameter "InvokeStatus" is not valid.',
  ],
  ["DescribeInvocationResultsInput", { InvokeRecordStatus: "Pending" }, "InvalidParameter"],
  ["StopInvocationInput", {}, 'MissingParameter: The input parameter "InvokeId"'],
  ["StopInvocationInput", { InvokeId: "t-1", ...ids(51) }, "InstanceIds.ExceedLimit"],
  ["StreamInvocationOutputInput", { InvokeId: "t-1", Offset: "5" }, "InvalidParameter"],
  ["StreamInvocationOutputInput", { InvokeId: "t-1", Offset: "5", ...ids(1) }, "none"],
  ["DescribeManagedInstancesInput", { Connected: "yes" }, "InvalidParameter"],
  ["DescribeManagedInstancesInput", { OsType: "Windows", Connected: "true" }, "none"],
  ["DescribeCloudAssistantStatusInput", ids(101), "InstanceIds.ExceedLimit"],
  ["DescribeInstancesInput", { Status: "Gone" }, "InvalidStatus.NotFound"],
  ["DescribeInstancesInput", { InstanceIds: "i-1" }, "InvalidParameter"],
  ["DescribeInstancesInput", { InstanceIds: "[1]" }, "InvalidParameter"],
  ["DescribeInstancesInput", { InstanceIds: '["i-1"]', PageSize: "100" }, "none"],
  ["DescribeRegionsInput", { AcceptLanguage: "de" }, "InvalidAcceptLanguage.NotFound"],
  ["DescribeRegionsInput", { ResourceType: "moon" }, "InvalidResourceType.NotFound"],
  ["DescribeRegionsInput", { InstanceChargeType: "x" }, "Invalid.InstanceChargeType"],
])("%s %j → %s", (name, parameters, expected) => {
  expect(errorOf(name, parameters)).toContain(expected);
});

test("defaults, and DescribeInstances clamps MaxResults", () => {
  expect(parse("CreateActivationInput", {})).toMatchObject({
    InstanceCount: 10,
    TimeToLiveInHours: 4,
    InstanceName: "",
  });
  expect(parse("DescribeInvocationResultsInput", {})).toMatchObject({ ContentEncoding: "Base64" });
  expect(parse("DescribeInstancesInput", { MaxResults: "3" })).toMatchObject({ MaxResults: 10 });
  expect(parse("DescribeInstancesInput", { MaxResults: "300" })).toMatchObject({ MaxResults: 100 });
});

test("the token scheme wins over page numbers", () => {
  expect(planPage({}, undefined)).toMatchObject({ page: { limit: 10, offset: 0 }, tokens: false });
  expect(planPage({ PageNumber: 3, PageSize: 20 }, undefined)).toMatchObject({
    page: { limit: 20, offset: 40 },
    pageNumber: 3,
    pageSize: 20,
  });
  expect(planPage({ PageNumber: 3, MaxResults: 5 }, undefined)).toEqual({
    page: { limit: 5 },
    tokens: true,
    pageNumber: 1,
    pageSize: 5,
  });
  expect(planPage({ PageSize: 3, NextToken: "x" }, "7")).toMatchObject({
    page: { limit: 10, after: "7" },
    tokens: true,
  });
});

test("a repeated key is found at the top level only, escapes and all", () => {
  expect(findRepeatedKey('{"a":"1","b":{"a":1,"a":2},"c":["a","a"],"d":"\\"a\\":"}')).toBeUndefined();
  expect(findRepeatedKey('{"a":"1","\\u0061" : "2"}')).toBe("a");
  fc.assert(
    fc.property(
      fc.dictionary(fc.string(), fc.jsonValue()),
      (value) => findRepeatedKey(JSON.stringify(value)) === undefined,
    ),
  );
});
