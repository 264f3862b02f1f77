import { createHash } from "node:crypto";
import type { OutputLine } from "@cloud-assistant/shared/api/invocations";
import type { Instance } from "@cloud-assistant/control-plane/store/store";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openApi, type OpenApi } from "../support/open-api.ts";
import { sdkCall } from "../support/sdk.ts";
import { signedV1, toQuery, type Parameters } from "../support/signed-request.ts";
import { waitFor } from "../support/wait-for.ts";

const REGION = { RegionId: "cn-hangzhou" };

let api: OpenApi;
let one: Instance;
let two: Instance;

beforeAll(async () => {
  api = await openApi({ storedOutputMaxBytes: 65_536 * 4 });
  one = await api.addInstance();
  two = await api.addInstance();
});
afterAll(() => api.close());

async function run(...instances: Instance[]): Promise<string> {
  const asked = {
    ...REGION,
    Type: "RunShellScript",
    CommandContent: "x",
    InstanceId: instances.map(({ instanceId }) => instanceId),
  };
  return String((await sdkCall("pop-post", api.target, "RunCommand", asked))["InvokeId"]);
}
const open = (parameters: Parameters, signal?: AbortSignal): Promise<Response> =>
  fetch(
    `${api.target.endpoint}/?${toQuery(signedV1(api.target, "StreamInvocationOutput", { ...REGION, ...parameters }, "GET"))}`,
    signal ? { signal } : {},
  );

/** Lines as they come. */
async function* linesOf(response: Response): AsyncGenerator<OutputLine> {
  let rest = "";
  for await (const piece of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
    const lines = (rest + piece).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) if (line !== "") yield JSON.parse(line) as OutputLine;
  }
}
async function collect(lines: AsyncIterable<OutputLine>): Promise<OutputLine[]> {
  const collected: OutputLine[] = [];
  for await (const line of lines) collected.push(line);
  return collected;
}
const sha = (bytes: Buffer): string => createHash("sha256").update(bytes).digest("hex");
const all = (parameters: Parameters): Promise<OutputLine[]> =>
  open(parameters).then((response) => collect(linesOf(response)));
const dataOf = (lines: OutputLine[]): Buffer =>
  Buffer.concat(lines.map((line) => ("Data" in line ? Buffer.from(line.Data, "base64") : Buffer.alloc(0))));
const ref = (invokeId: string, { instanceId }: Instance) => ({ invokeId, instanceId, iteration: 1 });

test("a finished run: every byte, then how it ended", async () => {
  const invokeId = await run(one);
  const printed = Buffer.from(Array.from({ length: 200_000 }, (_, index) => (index * 7) % 256));
  await api.play(ref(invokeId, one), printed, 3);
  const response = await open({ InvokeId: invokeId });
  expect(response.headers.get("content-type")).toBe("application/x-ndjson");
  expect(response.headers.get("x-acs-request-id")).toMatch(/^[0-9A-F-]{36}$/);
  const lines = await collect(linesOf(response));
  expect(sha(dataOf(lines))).toBe(sha(printed));
  expect(lines.at(-1)).toEqual({
    InstanceId: one.instanceId,
    InvocationStatus: "Failed",
    ExitCode: 3,
    ErrorCode: "ExitCodeNonzero",
    ErrorInfo: "the command execution exit code is not zero",
    OutputBytes: 200_000,
    Ended: true,
  });
  const from = await all({ InvokeId: invokeId, "InstanceId.1": one.instanceId, Offset: "199990" });
  expect(from[0]).toEqual({
    InstanceId: one.instanceId,
    Offset: 199_990,
    Data: printed.subarray(199_990).toString("base64"),
  });
});

test("followed live, on two hosts: pieces as they are stored, one end each, in the order of each host's bytes", async () => {
  const { store, outputBus } = api.context;
  const invokeId = await run(one, two);
  const lines = linesOf(await open({ InvokeId: invokeId, Follow: "true" }));
  const print = async (host: Instance, offset: number, text: string): Promise<void> => {
    await store.output.append(ref(invokeId, host), offset, Buffer.from(text));
    outputBus.publish(invokeId);
  };
  await print(one, 0, "a1");
  expect((await lines.next()).value).toEqual({
    InstanceId: one.instanceId,
    Offset: 0,
    Data: Buffer.from("a1").toString("base64"),
  });
  await print(two, 0, "b1");
  expect((await lines.next()).value).toEqual({
    InstanceId: two.instanceId,
    Offset: 0,
    Data: Buffer.from("b1").toString("base64"),
  });
  await print(one, 2, "a2");
  expect((await lines.next()).value).toEqual({
    InstanceId: one.instanceId,
    Offset: 2,
    Data: Buffer.from("a2").toString("base64"),
  });
  const end = { type: "ended", atMs: 1, end: { how: "exited", exitCode: 0, startedMs: 1, finishedMs: 2 } } as const;
  await store.runs.apply(ref(invokeId, two), end);
  outputBus.publish(invokeId);
  expect((await lines.next()).value).toMatchObject({
    InstanceId: two.instanceId,
    InvocationStatus: "Success",
    OutputBytes: 2,
    Ended: true,
  });
  await store.runs.apply(ref(invokeId, one), end);
  outputBus.publish(invokeId);
  expect(await collect(lines)).toMatchObject([
    { InstanceId: one.instanceId, InvocationStatus: "Success", OutputBytes: 4, Ended: true },
  ]);
});

test("without Follow: what there is, and how it stands now", async () => {
  const invokeId = await run(one);
  await api.context.store.runs.apply(ref(invokeId, one), { type: "started", atMs: 1 });
  await api.context.store.output.append(ref(invokeId, one), 0, Buffer.from("so far"));
  expect(await all({ InvokeId: invokeId })).toEqual([
    { InstanceId: one.instanceId, Offset: 0, Data: Buffer.from("so far").toString("base64") },
    {
      InstanceId: one.instanceId,
      InvocationStatus: "Running",
      ErrorCode: "",
      ErrorInfo: "",
      OutputBytes: 6,
      Ended: false,
    },
  ]);
});

test("dropped bytes are a gap: on the host, and here beyond the bound", async () => {
  const invokeId = await run(one);
  const { store } = api.context;
  await store.output.append(ref(invokeId, one), 0, Buffer.from("ab"));
  await store.output.appendGap(ref(invokeId, one), 2, 1_000);
  await store.output.append(ref(invokeId, one), 1_000, Buffer.from("cd"));
  const lines = await all({ InvokeId: invokeId });
  expect(lines.slice(0, 3)).toEqual([
    { InstanceId: one.instanceId, Offset: 0, Data: Buffer.from("ab").toString("base64") },
    { InstanceId: one.instanceId, Offset: 2, GapTo: 1_000 },
    { InstanceId: one.instanceId, Offset: 1_000, Data: Buffer.from("cd").toString("base64") },
  ]);

  const long = await run(two);
  await api.play(ref(long, two), Buffer.alloc(1_000_000, "x"));
  const told = await all({ InvokeId: long });
  let at = 0;
  for (const line of told.slice(0, -1)) {
    expect(line).toMatchObject({ Offset: at });
    at = "GapTo" in line ? line.GapTo : at + dataOf([line]).length;
  }
  expect([at, told.filter((line) => "GapTo" in line).length]).toEqual([1_000_000, 1]);
});

test("what it does not know is refused as JSON", async () => {
  const invokeId = await run(one);
  expect(await (await open({ InvokeId: "t-none" })).json()).toMatchObject({ Code: "InvalidInvokeId.NotFound" });
  expect(await (await open({ InvokeId: invokeId, "InstanceId.1": two.instanceId })).json()).toMatchObject({
    Code: "InvalidInstanceId.NotFound",
  });
});

test("a reader that goes away is let go of", async () => {
  const invokeId = await run(one);
  const { outputBus } = api.context;
  let subscribed = 0;
  const { subscribe } = outputBus;
  // counted on the real bus, which goes on doing its work
  Object.assign(outputBus, {
    subscribe: (id: string, wake: () => void) => {
      subscribed++;
      const unsubscribe = subscribe(id, wake);
      return () => {
        subscribed--;
        unsubscribe();
      };
    },
  });
  const gone = new AbortController();
  await open({ InvokeId: invokeId, Follow: "true" }, gone.signal);
  await waitFor(() => subscribed === 1);
  gone.abort();
  expect(await waitFor(() => subscribed === 0)).toBe(true);
  Object.assign(outputBus, { subscribe });
});

test("a reader that follows does not keep the server from closing", async () => {
  const short = await openApi();
  const host = await short.addInstance();
  const asked = { ...REGION, Type: "RunShellScript", CommandContent: "x", InstanceId: [host.instanceId] };
  const InvokeId = String((await sdkCall("pop-post", short.target, "RunCommand", asked))["InvokeId"]);
  const query = toQuery(
    signedV1(short.target, "StreamInvocationOutput", { ...REGION, InvokeId, Follow: "true" }, "GET"),
  );
  const response = await fetch(`${short.target.endpoint}/?${query}`);
  const [lines] = await Promise.all([collect(linesOf(response)), short.close()]);
  expect(lines).toEqual([]);
});
