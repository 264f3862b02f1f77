import type { Instance } from "@cloud-assistant/control-plane/store/store";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openApi, type OpenApi } from "../support/open-api.ts";
import { SDK_CLIENTS, sdkCall, type SdkClient } from "../support/sdk.ts";

type Json = Record<string, any>; // oxlint-disable-line typescript/no-explicit-any -- an answer as the wire has it

let api: OpenApi;
let host: Instance;
beforeAll(async () => {
  api = await openApi();
  host = await api.addInstance();
});
afterAll(() => api.close());

const HOST = "the host";
const file = { InstanceId: [HOST], Name: "motd", TargetDir: "/etc", Content: "hello" };
const session = { InstanceId: [HOST] };
const many = (count: number) => Array.from({ length: count }, (_, index) => `mi-${index}`);

async function errorOf(client: SdkClient, action: string, parameters: Json): Promise<string> {
  const named = Object.entries({ RegionId: "cn-hangzhou", ...parameters }).filter(([, value]) => value !== undefined);
  const given = Object.fromEntries(
    named.map(([name, value]) => [
      name,
      JSON.stringify(value) === `["${HOST}"]` ? [host.instanceId] : (value as unknown),
    ]),
  );
  return sdkCall(client, api.target, action, given).then(
    () => "none",
    (error: Json) => String(error["code"]),
  );
}

const READY: readonly [string, Json][] = [
  ["SendFile", file],
  ["DescribeSendFileResults", { InvocationStatus: "Success" }],
  ["StartTerminalSession", session],
  ["EndTerminalSession", { SessionId: "s-1" }],
  ["DescribeTerminalSessions", { MaxResults: 100 }],
  ["DescribeUserBusinessBehavior", { statusKey: "sessionManagerStatus" }],
  ["ModifyUserBusinessBehavior", { statusKey: "sessionManagerStatus", statusValue: "enabled" }],
];

test.each(SDK_CLIENTS.flatMap((client) => READY.map((row) => [client, ...row] as const)))(
  "%s: %s is refused by name",
  async (client, action, parameters) => {
    expect(await errorOf(client, action, parameters)).toBe("Operation.Forbidden");
  },
);

test.each<[string, Json, string]>([
  ["SendFile", { InstanceId: undefined }, "MissingParam.InstanceId"],
  ["SendFile", { InstanceId: many(51) }, "InstanceIds.ExceedLimit"],
  ["SendFile", { InstanceId: ["mi-nobody"] }, "InvalidInstance.NotFound"],
  ["SendFile", { ResourceGroupId: "rg-none" }, "InvalidResourceGroup.NotFound"],
  ["SendFile", { Name: "n".repeat(256) }, "FileName.ExceedLimit"],
  ["SendFile", { TargetDir: "etc" }, "FileTargetDir.Invalid"],
  ["SendFile", { TargetDir: undefined }, "FileTargetDir.Invalid"],
  ["SendFile", { TargetDir: `/${"d".repeat(255)}` }, "FileTargetDir.Invalid"],
  ["SendFile", { FileMode: "0888" }, "FileMode.Invalid"],
  ["SendFile", { FileMode: "755" }, "Operation.Forbidden"],
  ["SendFile", { FileOwner: "a b" }, "InvalidParameter.FileOwner"],
  ["SendFile", { FileGroup: "g".repeat(65) }, "InvalidParameter.FileGroup"],
  ["SendFile", { ContentType: "Hex" }, "FileContentType.Invalid"],
  ["SendFile", { ContentType: "Base64", Content: "%" }, "FileContent.DecodeError"],
  ["SendFile", { Content: "x".repeat(24_577) }, "FileSize.ExceedLimit"],
  ["SendFile", { Content: "x".repeat(24_576) }, "Operation.Forbidden"],
  ["SendFile", { Description: "d".repeat(513) }, "FileDesc.ExceedLimit"],
  ["SendFile", { Timeout: 86_401 }, "InvalidTimeout.ExceedLimit"],
  ["SendFile", { Timeout: 1 }, "Operation.Forbidden"],
  ["SendFile", { Tag: [{ Key: "k" }, { Key: "k" }] }, "Duplicate.TagKey"],
  ["DescribeSendFileResults", { MaxResults: 51 }, "InvalidParameter.MaxResults"],
  ["DescribeSendFileResults", { InvocationStatus: "x" }, "InvalidParameter"],
  ["StartTerminalSession", { InstanceId: many(11) }, "InstanceIds.ExceedLimit"],
  ["StartTerminalSession", { InstanceId: ["mi-nobody"] }, "InvalidInstance.NotFound"],
  ["StartTerminalSession", { PortNumber: 65_536 }, "PortNumber.Invalid"],
  ["StartTerminalSession", { ConnectionType: "Pigeon" }, "InvalidParameter.ConnectionType"],
  ["StartTerminalSession", { CommandLine: "top", PortNumber: 22 }, "InvalidCommandLine.Conflict"],
  ["StartTerminalSession", { CommandLine: "c".repeat(513) }, "InvalidCommandLine.LengthLimitExceeded"],
  ["StartTerminalSession", { TargetServer: "db" }, "InvalidTargetServer.MissingPortNumber"],
  ["StartTerminalSession", { TargetServer: "t".repeat(129), PortNumber: 1 }, "InvalidTargetServer.LengthLimitExceeded"],
  ["StartTerminalSession", { InstanceId: many(2), CommandLine: "top" }, "InvalidInstanceIds.CountLimitExceeded"],
  ["StartTerminalSession", { Username: "u".repeat(256) }, "Username.ExceedLimit"],
  ["StartTerminalSession", { PasswordName: "p".repeat(256) }, "InvalidPasswordName.LengthLimitExceeded"],
  ["EndTerminalSession", { SessionId: undefined }, "MissingParameter"],
  ["DescribeTerminalSessions", { MaxResults: 101 }, "InvalidParameter.MaxResults"],
  ["DescribeTerminalSessions", { RegionId: "mars" }, "InvalidRegionId.NotFound"],
  ["DescribeUserBusinessBehavior", { statusKey: "mood" }, "InvalidParameter"],
  ["ModifyUserBusinessBehavior", { statusValue: "maybe" }, "InvalidParameter"],
])("%s %j → %s", async (action, parameters, expected) => {
  const ready = READY.find(([name]) => name === action)?.[1];
  expect(await errorOf("pop-post", action, { ...ready, ...parameters })).toBe(expected);
});
