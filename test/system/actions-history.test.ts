import type { Instance } from "@cloud-assistant/control-plane/store/store";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openApi, type OpenApi } from "../support/open-api.ts";
import { SDK_CLIENTS, sdkCall } from "../support/sdk.ts";

type Json = Record<string, any>; // oxlint-disable-line typescript/no-explicit-any -- an answer as the wire has it

const RegionId = "cn-hangzhou";
let api: OpenApi;
let host: Instance;
let InvokeId: string;

/** A schedule that has run twice and is under way for the third time, as its host will tell. */
beforeAll(async () => {
  api = await openApi();
  host = await api.addInstance();
  const other = await api.addInstance();
  const asked = {
    RegionId,
    Type: "RunShellScript",
    CommandContent: "date",
    RepeatMode: "EveryReboot",
    InstanceId: [host.instanceId, other.instanceId],
  };
  InvokeId = String((await sdkCall("v3", api.target, "RunCommand", asked))["InvokeId"]);
  const { runs, output } = api.context.store;
  const first = { invokeId: InvokeId, instanceId: host.instanceId };
  await api.play(first, Buffer.from("run 1"), 1);
  const atMs = Date.now();
  for (const iteration of [2, 3]) {
    await runs.insertNext({ ...first, iteration }, atMs);
    await runs.apply({ ...first, iteration }, { type: "started", atMs });
    await output.append({ ...first, iteration }, 0, Buffer.from(`run ${iteration}`));
  }
  await runs.apply(
    { ...first, iteration: 2 },
    { type: "ended", atMs, end: { how: "exited", exitCode: 0, startedMs: atMs, finishedMs: atMs } },
  );
});
afterAll(() => api.close());

const shown = (results: Json[]): unknown[] =>
  results.map((result) => [result["InvocationStatus"], result["Repeats"], result["Output"]]);
const LATEST = ["Running", 3, "run 3"];
const WAITING = ["Pending", 0, ""];
const ALL = [LATEST, ["Success", 2, "run 2"], WAITING, ["Failed", 1, "run 1"]];

test.each(SDK_CLIENTS)("results tell the latest run of each host, their history every one (%s)", async (client) => {
  const list = async (parameters: Json): Promise<Json> =>
    (
      (await sdkCall(client, api.target, "DescribeInvocationResults", {
        RegionId,
        InvokeId,
        ContentEncoding: "PlainText",
        ...parameters,
      })) as Json
    )["Invocation"] as Json;
  const latest = await list({});
  expect([latest["TotalCount"], shown(latest["InvocationResults"].InvocationResult)]).toEqual([2, [LATEST, WAITING]]);
  const all = await list({ IncludeHistory: true });
  expect([all["TotalCount"], shown(all["InvocationResults"].InvocationResult)]).toEqual([4, ALL]);
  const ofHost = await list({ IncludeHistory: true, InstanceId: host.instanceId });
  expect(shown(ofHost["InvocationResults"].InvocationResult)).toEqual(ALL.filter((row) => row !== WAITING));
  // without an InvokeId there is no history to ask for
  const none = await list({ IncludeHistory: true, InvokeId: "" });
  expect(shown(none["InvocationResults"].InvocationResult)).toEqual([LATEST, WAITING]);
});

test("the history has pages", async () => {
  const seen: unknown[] = [];
  let NextToken: string | undefined;
  do {
    const asked = {
      RegionId,
      InvokeId,
      IncludeHistory: true,
      ContentEncoding: "PlainText",
      MaxResults: 1,
      ...(NextToken && { NextToken }),
    };
    const { Invocation } = (await sdkCall("v3", api.target, "DescribeInvocationResults", asked)) as Json;
    seen.push(...shown(Invocation.InvocationResults.InvocationResult as Json[]));
    NextToken = String(Invocation.NextToken);
  } while (NextToken !== "");
  expect(seen).toEqual(ALL);
});

test("DescribeInvocations tells no history: the latest run, its count, and a status made of the latest", async () => {
  const { Invocations } = (await sdkCall("v3", api.target, "DescribeInvocations", {
    RegionId,
    InvokeId,
    IncludeOutput: true,
    ContentEncoding: "PlainText",
  })) as Json;
  expect(Invocations.Invocation[0]).toMatchObject({
    InvocationStatus: "Pending",
    InvokeStatus: "Running",
    Timed: true,
  });
  expect(
    shown(
      (Invocations.Invocation[0].InvokeInstances.InvokeInstance as Json[]).toSorted(
        (a, b) => b["Repeats"] - a["Repeats"],
      ),
    ),
  ).toEqual([LATEST, WAITING]);
});
