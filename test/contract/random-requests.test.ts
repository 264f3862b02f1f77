import { ACTIONS } from "@cloud-assistant/control-plane/actions/index";
import type { Call } from "@cloud-assistant/control-plane/actions/action";
import { nestParameters } from "@cloud-assistant/shared/api/flatten";
import { ECS_VERSION } from "@cloud-assistant/shared/api/versions";
import { ApiError } from "@cloud-assistant/shared/errors";
import * as fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openApi, type OpenApi } from "../support/open-api.ts";

/** Requests of each run; 10,000 in a campaign. */
const CASES = Number(process.env["CAMPAIGN_REPEATS"] ?? 0) > 0 ? 10_000 : 1_000;
const SEED = Number(process.env["CAMPAIGN_SEED"] ?? 1);

let api: OpenApi;
let hosts: string[];
beforeAll(async () => {
  api = await openApi({ maxCommands: 50, outputDeliveryTargets: "oss://b", resourceGroupIds: "rg-default,rg-1" });
  hosts = [];
  for (const osType of ["linux", "linux", "windows"]) {
    const made = await api.addInstance({ tags: [{ key: "os", value: osType }] });
    hosts.push(made.instanceId);
  }
});
afterAll(() => api.close());

/** Ids that earlier requests made, so that later ones meet them. */
const known = { command: ["c-none"], invocation: ["t-none"] };
const anyOf = (list: readonly string[]) => fc.nat().map((n) => list[n % list.length] ?? "");
const weird = fc.oneof(fc.string({ unit: "binary", maxLength: 40 }), fc.constantFrom("", " ", "0", "-1", "true", "null", "{}", "[]", "\u0000", "x".repeat(1100), "é".repeat(600)));
const mostly = (right: fc.Arbitrary<string>) => fc.oneof({ weight: 6, arbitrary: right }, { weight: 1, arbitrary: weird });

const content = fc.oneof(
  fc.constantFrom("echo 1", "echo {{who}}", "echo {{ WHO\n}} {{ACS::InstanceId}}", "{{}}", "{{a b}}", "<<ACS::RegionId>>", "ZWNobyAx"),
  fc.string({ unit: "binary", maxLength: 200 }),
  fc.constantFrom("x".repeat(18_432), "x".repeat(18_433)),
);
const FIELDS: Readonly<Record<string, () => fc.Arbitrary<string>>> = {
  Type: () => mostly(fc.constantFrom("RunShellScript", "RunBatScript", "RunPowerShellScript")),
  CommandType: () => mostly(fc.constantFrom("RunShellScript", "RunBatScript")),
  CommandContent: () => mostly(content),
  ContentEncoding: () => mostly(fc.constantFrom("PlainText", "Base64", "plaintext")),
  CommandId: () => mostly(anyOf(known.command)),
  InvokeId: () => mostly(anyOf(known.invocation)),
  "InstanceId.1": () => mostly(anyOf(hosts)),
  "InstanceId.2": () => mostly(anyOf(hosts)),
  InstanceId: () => mostly(anyOf(hosts)),
  Name: () => mostly(fc.constantFrom("n", "name*", "*")),
  CommandName: () => mostly(fc.constantFrom("n", "name")),
  Description: () => mostly(fc.constant("d")),
  WorkingDir: () => mostly(fc.constant("/tmp")),
  Timeout: () => mostly(fc.constantFrom("1", "10", "60", "86400", "86401")),
  EnableParameter: () => mostly(fc.constantFrom("true", "false")),
  Parameters: () => mostly(fc.constantFrom('{"who":"me"}', "{}", '{"who":"{{who}}"}', '{"who":1}', '{"a":"1","a":"2"}')),
  Username: () => mostly(fc.constantFrom("root", "System", "app")),
  WindowsPasswordName: () => mostly(fc.constant("p")),
  TerminationMode: () => mostly(fc.constantFrom("Process", "ProcessTree")),
  RepeatMode: () => mostly(fc.constantFrom("Once", "Period", "NextRebootOnly", "EveryReboot", "DryRun")),
  Frequency: () => mostly(fc.constantFrom("rate(5m)", "rate(1d)", "0 0 3 ? * *", "at(2099-01-01 00:00:00)")),
  Launcher: () => mostly(fc.constant("python3")),
  ContainerId: () => mostly(fc.constant("a".repeat(64))),
  ContainerName: () => mostly(fc.constant("web")),
  "ResourceTag.1.Key": () => mostly(fc.constant("os")),
  "ResourceTag.1.Value": () => mostly(fc.constantFrom("linux", "windows")),
  ResourceGroupId: () => mostly(fc.constantFrom("rg-default", "rg-1")),
  "Tag.1.Key": () => mostly(fc.constant("k")),
  "Tag.1.Value": () => mostly(fc.constant("v")),
  OssOutputDelivery: () => mostly(fc.constantFrom("oss://b/x", "oss://other")),
  KeepCommand: () => mostly(fc.constantFrom("true", "false")),
  ClientToken: () => mostly(fc.constantFrom("t1", "t2", "t3")),
  DeliveryTimeout: () => mostly(fc.constantFrom("1", "600")),
  Timed: () => mostly(fc.constantFrom("true", "false")),
  IncludeOutput: () => mostly(fc.constantFrom("true", "false")),
  IncludeHistory: () => mostly(fc.constantFrom("true", "false")),
  InvokeStatus: () => mostly(fc.constantFrom("Running", "Finished", "Success")),
  InvokeRecordStatus: () => mostly(fc.constantFrom("Running", "Finished", "PartialFailed")),
  Provider: () => mostly(fc.constant("AlibabaCloud")),
  MaxResults: () => mostly(fc.constantFrom("1", "50")),
  NextToken: () => weird,
  PageNumber: () => mostly(fc.constantFrom("1", "2", "2147483647")),
  PageSize: () => mostly(fc.constantFrom("1", "50")),
  Nonsense: () => weird,
};
/** What an action cannot do without, so that most requests get far. */
const NEEDED: Readonly<Record<string, readonly string[]>> = {
  RunCommand: ["Type", "CommandContent", "InstanceId.1"],
  CreateCommand: ["Name", "Type", "CommandContent"],
  ModifyCommand: ["CommandId"],
  DeleteCommand: ["CommandId"],
  DescribeCommands: [],
  InvokeCommand: ["CommandId", "InstanceId.1"],
  ModifyInvocationAttribute: ["InvokeId"],
  StopInvocation: ["InvokeId"],
  DescribeInvocations: [],
  DescribeInvocationResults: [],
};

const request = (): fc.Arbitrary<{ action: string; parameters: Record<string, string> }> =>
  fc.constantFrom(...Object.keys(NEEDED)).chain((action) => {
    const needed = NEEDED[action] ?? [];
    const fields = Object.entries(FIELDS).map(([name, make]) => [name, needed.includes(name) ? make() : fc.option(make(), { nil: undefined, freq: 2 })] as const);
    const some = fc.record(Object.fromEntries(fields)).chain((all) =>
      fc.subarray(Object.keys(FIELDS), { maxLength: 8 }).map((chosen) => {
        const kept = Object.entries(all).filter(([name, value]) => value !== undefined && (needed.includes(name) || chosen.includes(name)));
        return Object.fromEntries(kept) as Record<string, string>;
      }),
    );
    return some.map((parameters) => ({ action, parameters: { RegionId: "cn-hangzhou", ...parameters } }));
  });

/** Rows of every table: an answer that is an error must leave them as they are. */
async function countAll(): Promise<number[]> {
  const everything = { accountId: api.context.config.accountId, regionId: "cn-hangzhou", tags: [] };
  const { commands, invocations, runs } = api.context.store;
  return Promise.all([commands, invocations, runs].map(async (table) => (await table.list(everything, { limit: 1 })).total));
}

type Outcome = { kind: "answered"; answer: Record<string, unknown> } | { kind: "refused"; httpStatus: number };

/** @throws whatever a caller would get as a 500. */
async function ask(action: string, parameters: Record<string, string>, call: Call): Promise<Outcome> {
  try {
    const answer = await ACTIONS.get(ECS_VERSION)?.get(action)?.run(api.context, nestParameters(Object.entries(parameters)), call);
    return { kind: "answered", answer: answer as Record<string, unknown> };
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    return { kind: "refused", httpStatus: error.answerFor(action).httpStatus };
  }
}

function remember({ CommandId, InvokeId }: Record<string, unknown>): void {
  if (typeof CommandId === "string") known.command.push(CommandId);
  if (typeof InvokeId === "string") known.invocation.push(InvokeId);
}

test("no request gets an answer that is not documented, hangs, or writes half", { timeout: 600_000 }, async () => {
  const counts = { answered: 0, refused: 0 };
  await fc.assert(
    fc.asyncProperty(request(), async ({ action, parameters }) => {
      const call: Call = {
        action,
        caller: { accountId: api.context.config.accountId, accessKeyId: "AKTEST", layers: [] },
        sourceIp: "127.0.0.1",
        request: { accessKeyId: "AKTEST", nonce: api.context.ids.nonce(), expiresMs: Date.now() + 1000 },
        requestId: "r",
        host: "localhost",
        parametersHash: () => JSON.stringify([action, parameters]),
        committed: () => undefined,
      };
      const before = await countAll();
      const outcome = await ask(action, parameters, call);
      counts[outcome.kind]++;
      if (outcome.kind === "answered") remember(outcome.answer);
      const unchanged = JSON.stringify(await countAll()) === JSON.stringify(before);
      expect(outcome.kind === "answered" ? !("Code" in outcome.answer) : outcome.httpStatus < 500 && unchanged).toBe(true);
    }),
    { numRuns: CASES, seed: SEED, endOnFailure: true },
  );
  expect(Math.min(counts.answered, counts.refused)).toBeGreaterThan(CASES / 20); // both ways are taken
  const { rows } = await api.context.store.invocations.list({ accountId: api.context.config.accountId, regionId: "cn-hangzhou", tags: [] }, { limit: 10_000 });
  expect(rows.every(({ runs }) => runs.length > 0)).toBe(true);
});
