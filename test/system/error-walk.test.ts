import { readFileSync } from "node:fs";
import type { Instance } from "@cloud-assistant/control-plane/store/store";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { makeUser } from "../support/identity.ts";
import { openApi, type OpenApi } from "../support/open-api.ts";
import { CONTENTS, many, PAGES, region, runs, TAGS, TEXTS, type Changes } from "../support/run-changes.ts";
import { sdkCall } from "../support/sdk.ts";
import { isUnreachable, RUN_FAMILY, UNREACHABLE } from "../support/unreachable-errors.ts";

type Json = Record<string, unknown>;
type Row = [status: number, code: string, message: string];

/** The error tables of the documented actions, as published (api-facts 4). */
const DOCUMENTED = JSON.parse(
  readFileSync(new URL("../fixtures/api/documented-errors.json", import.meta.url), "utf8"),
) as Record<string, Row[]>;
/** What fills the `%s` of a documented text. */
const FILLED: Readonly<Record<string, string>> = {
  "InvalidCommandContent.LengthLimitExceeded": "24",
  "InvalidInstanceId.CountLimitExceeded": "100",
  CommandLimitExceeded: "2",
};

/** The documented text, and then the place and the reason of ours. */
const WITH_REASON = ["InvalidParam.Frequency", "InvalidParameter.Frequency"];

let api: OpenApi;
let small: OpenApi;
/** Without a Parameter Store. */
let off: OpenApi;
/** `api` by the key of a user who may do everything in ECS, and nothing in OOS. */
let limited: OpenApi;
let host: Instance;
let smallHost: Instance;
let windows: Instance;
/** A kept command with a parameter, one without, one in use, and an open schedule of an offline host. */
const made: Record<"command" | "plain" | "used" | "open" | "once" | "over" | "kept", string> = {
  command: "",
  plain: "",
  used: "",
  open: "",
  once: "",
  over: "",
  kept: "",
};

const REGION = { RegionId: "cn-hangzhou" };
const at = (of: OpenApi, action: string, parameters: Json): Promise<Json> =>
  sdkCall("pop-post", of.target, action, { ...REGION, ...parameters });
const RUN = (): Json => ({
  Type: "RunShellScript",
  CommandContent: "echo {{who}}",
  EnableParameter: true,
  InstanceId: [host.instanceId],
});
const CREATE: Json = {
  Name: "n",
  Type: "RunShellScript",
  CommandContent: "echo {{who}}",
  ContentEncoding: "PlainText",
  EnableParameter: true,
};

const id = async (answer: Promise<Json>, name: string): Promise<string> => String((await answer)[name]);

beforeAll(async () => {
  api = await openApi();
  small = await openApi({ maxCommands: 2, maxInvocationsPerDay: 2 });
  off = await openApi({ parameterStore: false });
  limited = { ...api, target: await makeUser(api.target, "limited", { system: ["AliyunECSFullAccess"] }) };
  host = await api.addInstance();
  smallHost = await small.addInstance();
  windows = await api.addInstance({ host: { ...host.host, osType: "windows" } });
  made.command = await id(at(api, "CreateCommand", CREATE), "CommandId");
  made.plain = await id(at(api, "CreateCommand", { ...CREATE, EnableParameter: false }), "CommandId");
  made.used = await id(at(api, "CreateCommand", CREATE), "CommandId");
  await at(api, "InvokeCommand", { CommandId: made.used, InstanceId: [host.instanceId], DeliveryTimeout: 600 });
  const scheduled = { ...RUN(), Frequency: "rate(1h)", DeliveryTimeout: 600 };
  made.open = await id(at(api, "RunCommand", scheduled), "InvokeId");
  made.once = await id(at(api, "RunCommand", { ...RUN(), DeliveryTimeout: 600 }), "InvokeId");
  made.over = await id(at(api, "RunCommand", scheduled), "InvokeId");
  await at(api, "StopInvocation", { InvokeId: made.over });
  const full = {
    ...CREATE,
    InstanceId: [smallHost.instanceId],
    KeepCommand: true,
    Frequency: "rate(1h)",
    DeliveryTimeout: 600,
  };
  made.kept = await id(at(small, "RunCommand", full), "InvokeId");
  await at(small, "RunCommand", full);
});
afterAll(() => Promise.all([api.close(), small.close(), off.close()]));

/** By action: a request that is fine, and what to change in it for each code. */
const PROVOKED: Readonly<Record<string, () => { fine: Json; changes: Changes }>> = {
  RunCommand: () => ({
    fine: RUN(),
    changes: {
      ...TAGS,
      ...CONTENTS,
      ...runs(windows),
      "Parameter.Disabled": { EnableParameter: false, Parameters: '{"who":"1"}' },
      "WindowsPasswordName.Missed": { Type: "RunBatScript", Username: "app", InstanceId: [windows.instanceId] },
    },
  }),
  CreateCommand: () => ({ fine: CREATE, changes: { ...TEXTS, ...CONTENTS, ...region } }),
  ModifyCommand: () => ({
    fine: { CommandId: made.command },
    changes: { ...TEXTS, ...region, "InvalidCmdId.NotFound": { CommandId: "c-nobody" } },
  }),
  DeleteCommand: () => ({
    fine: { CommandId: made.used },
    changes: { ...region, "InvalidStatus.CmdIdInUse": {}, "InvalidCmdId.NotFound": { CommandId: "c-nobody" } },
  }),
  DescribeCommands: () => ({
    fine: {},
    changes: {
      ...TAGS,
      ...PAGES,
      ...region,
      "InvalidName.LengthLimitExceeded": { Name: "n".repeat(129) },
      "InvalidDescription.LengthLimitExceeded": { Description: "d".repeat(513) },
      "InvalidCommandType.NotFound": { Type: "RunPython" },
    },
  }),
  InvokeCommand: () => ({
    fine: { CommandId: made.command, InstanceId: [host.instanceId] },
    changes: {
      ...runs(windows),
      "InvalidCmdId.NotFound": { CommandId: "c-nobody" },
      "Parameter.Disabled": { CommandId: made.plain, Parameters: '{"who":"1"}' },
      "CmdContent.ExceedLimit": { Parameters: JSON.stringify({ who: "x".repeat(18_433) }) },
    },
  }),
  StopInvocation: () => ({
    fine: { InvokeId: made.once },
    changes: {
      ...region,
      "InstanceIds.ExceedLimit": { InstanceId: Array.from({ length: 51 }, (_, n) => `mi-${n}`) },
      "InvalidInvokeId.NotFound": { InvokeId: "t-nobody" },
      "InvalidInstanceId.NotFound": { InstanceId: ["mi-nobody"] },
    },
  }),
  DescribeInvocations: () => ({
    fine: {},
    changes: {
      ...TAGS,
      ...PAGES,
      ...region,
      "InvalidRepeatMode.NotFound": { RepeatMode: "Never" },
      "InvalidCmdType.NotFound": { CommandType: "RunPython" },
    },
  }),
  DescribeInvocationResults: () => ({ fine: {}, changes: { ...TAGS, ...PAGES, ...region } }),
  ModifyInvocationAttribute: () => ({
    fine: { InvokeId: made.open },
    changes: {
      ...region,
      "InvalidParameter.Frequency": { Frequency: "every day" },
      "InvalidParameters.KeyDuplicate": { Parameters: '{"who":"1","who":"2"}' },
      "InvalidParameters.KeyNotMatch": { Parameters: '{"other":"1"}' },
      "InvalidParameters.KeyMalformed": { Parameters: '{"a b":"1"}' },
      "InvalidParameters.KeyEmpty": { Parameters: '{"":"1"}' },
      "InvalidParameters.CountLimitExceeded": { Parameters: JSON.stringify(many(11, "k")) },
      "InvalidParameters.KeyLengthLimitExceeded": { Parameters: JSON.stringify(many(1, "k".repeat(65))) },
      "InvalidParameters.ValueTypeUnsupported": { Parameters: '{"who":1}' },
      "InvalidCommandContent.DecodeError": { CommandContent: "%", ContentEncoding: "Base64" },
      "InvalidCommandContent.LengthLimitExceeded": { CommandContent: "x".repeat(18_433), Parameters: "{}" },
      "InvalidInstanceId.OSTypeUnsupported": { InstanceId: [windows.instanceId] },
      "InvalidInstanceId.NotFound": { InstanceId: ["mi-nobody"] },
      "InvalidInstanceId.CountLimitExceeded": { InstanceId: Array.from({ length: 101 }, (_, n) => `mi-${n}`) },
      "InvalidOperation.RepeatModeUnsupported": { InvokeId: made.once },
      "InvalidOperation.InvokeAlreadyFinished": { InvokeId: made.over },
      "InvalidInvokeId.NotFound": { InvokeId: "t-nobody" },
    },
  }),
};

/** Rows that need quotas which are used up, or two calls: the control plane, and the call that is refused. */
const SPECIAL: Readonly<Record<string, () => Promise<[OpenApi, Json]>>> = {
  "RunCommand CmdCount.ExceedQuota": async () => [
    small,
    { ...CREATE, InstanceId: [smallHost.instanceId], KeepCommand: true },
  ],
  "RunCommand Invocation.ExceedQuota": async () => [small, { ...CREATE, InstanceId: [smallHost.instanceId] }],
  "CreateCommand CmdCount.ExceedQuota": async () => [small, CREATE],
  "InvokeCommand Invocation.ExceedQuota": async () => {
    const { Commands } = (await at(small, "DescribeCommands", {})) as { Commands: { Command: Json[] } };
    return [small, { CommandId: Commands.Command[0]?.["CommandId"], InstanceId: [smallHost.instanceId] }];
  },
  "InvokeCommand WindowsPasswordName.Missed": async () => {
    const { CommandId } = await at(api, "CreateCommand", { ...CREATE, Type: "RunBatScript" });
    return [api, { CommandId, Username: "app", InstanceId: [windows.instanceId] }];
  },
  "ModifyInvocationAttribute CommandLimitExceeded": async () => [
    small,
    { InvokeId: made.kept, CommandContent: "other {{who}}" },
  ],
  ...Object.fromEntries(
    ["ParameterStore.NotSupported", "ParameterStore.NoPermission", "ParameterStore.InvalidParameters"].flatMap(
      (code) => {
        const content = { CommandContent: "{{oos:nobody}}" };
        const target = async (): Promise<[OpenApi, Json]> => {
          if (code === "ParameterStore.NotSupported")
            return [off, { InstanceId: [(await off.addInstance()).instanceId] }];
          return [code === "ParameterStore.NoPermission" ? limited : api, { InstanceId: [host.instanceId] }];
        };
        const run = async (): Promise<[OpenApi, Json]> => {
          const [of, where] = await target();
          return [of, { ...RUN(), ...content, ...where }];
        };
        const invoke = async (): Promise<[OpenApi, Json]> => {
          const [of, where] = await target();
          return [
            of,
            { CommandId: await id(at(of, "CreateCommand", { ...CREATE, ...content }), "CommandId"), ...where },
          ];
        };
        return [
          [`RunCommand ${code}`, run],
          [`InvokeCommand ${code}`, invoke],
        ] as const;
      },
    ),
  ),
  ...Object.fromEntries(
    ["RunCommand", "InvokeCommand"].map((action) => [
      `${action} IdempotentParameterMismatch`,
      async (): Promise<[OpenApi, Json]> => {
        const asked = { ...PROVOKED[action]?.().fine, ClientToken: `walk-${action}` };
        await at(api, action, asked);
        return [api, { ...asked, Timeout: 77 }];
      },
    ]),
  ),
};

describe.each(Object.entries(DOCUMENTED).filter(([action]) => RUN_FAMILY.includes(action)))("%s", (action, rows) => {
  test.each(rows.filter(([, code]) => !isUnreachable(action, code)))("%i %s", async (status, code, text) => {
    const special = SPECIAL[`${action} ${code}`];
    const plan = PROVOKED[action]?.();
    const change = plan?.changes[code];
    if (!special && !change) throw new Error("nobody says how to provoke it, nor why it cannot be");
    const [of, parameters] = special ? await special() : [api, { ...plan?.fine, ...change }];
    const refused = await at(of, action, parameters).catch((error: unknown) => error);
    const documented = text.replace("%s", FILLED[code] ?? "%s");
    expect(refused).toMatchObject({ code, entry: { response: { statusCode: status } } });
    const { Message } = (refused as { data: { Message: string } }).data;
    expect(WITH_REASON.includes(code) ? Message.slice(0, documented.length) : Message).toBe(documented);
  });
});

test("what no request can reach is documented, with its reason", () => {
  const page = readFileSync(new URL("../../docs/errors.md", import.meta.url), "utf8");
  const documented = Array.from(page.matchAll(/^\| `([^`]+)` \| ([\w, ]+) \| (.*) \|$/gm), ([, code, actions, why]) => [
    code,
    actions,
    why,
  ]);
  expect(documented).toEqual(
    Object.entries(UNREACHABLE).map(([code, { at: actions, why }]) => [code, actions?.join(", ") ?? "everywhere", why]),
  );
  for (const code of Object.keys(UNREACHABLE))
    expect(
      Object.values(DOCUMENTED)
        .flat()
        .map(([, known]) => known),
    ).toContain(code);
});
