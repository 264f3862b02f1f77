import { readFileSync } from "node:fs";
import { connect } from "node:net";
import { systemClock } from "@cloud-assistant/control-plane/clock";
import { accessKeyPurpose } from "@cloud-assistant/control-plane/domain/seal-purposes";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openApi, type OpenApi } from "../support/open-api.ts";
import { signedV1, toQuery } from "../support/signed-request.ts";
import { anInvocation, aNonce, sent } from "../support/stores.ts";

/** Requests as clients sent them, byte for byte (wire-facts section 4), to a control plane that stands at their time. */
type Recorded = { readonly name: string; readonly head: readonly string[]; readonly body: string };
const RECORDED = JSON.parse(
  readFileSync(new URL("../fixtures/wire/recorded.json", import.meta.url), "utf8"),
) as Recorded[];
/** A minute after the first of them. */
const THEN_MS = Date.parse("2026-11-24T01:54:53Z");
const KEY = { accessKeyId: "FAKEAKID00000001", accessKeySecret: "FAKE-SECRET-FOR-LOCAL-TEST" };
const regionId = "cn-hangzhou";

let api: OpenApi;
beforeAll(async () => {
  const behindMs = THEN_MS - systemClock.now();
  api = await openApi({}, { clock: { ...systemClock, now: () => systemClock.now() + behindMs } });
  const { store, keys, config } = api.context;
  const { accountId } = config;
  const { accessKeyId, accessKeySecret } = KEY;
  await store.accessKeys.insert({
    accessKeyId,
    accountId,
    enabled: true,
    createdMs: THEN_MS,
    sealedSecret: keys.seal(accessKeyPurpose(accessKeyId), accessKeySecret),
  });
  for (const instanceId of ["i-1", "i-2", "mi-3"]) await api.addInstance({ instanceId });
  const invocation = anInvocation("hz0000000000001", {
    accountId,
    regionId,
    content: Buffer.from("echo {{name}}"),
    enableParameter: true,
  });
  await store.invocations.create(sent(invocation, "i-1"), aNonce());
  const { commandType, content, enableParameter, timeoutSeconds, createdMs } = invocation;
  const command = {
    commandId: "c-1",
    accountId,
    regionId,
    name: "greet",
    description: "",
    commandType,
    content,
    enableParameter,
    workingDir: "",
    timeoutSeconds,
    launcher: "",
    resourceGroupId: "",
    createdMs,
    invokeTimes: 0,
    tags: [],
  };
  await store.commands.insert({ command, quota: 10 }, aNonce());
});
afterAll(() => api.close());

type Answer = Record<string, unknown> & { readonly status: number };

/** In small pieces, as a network may. */
async function send(head: readonly string[], body: string): Promise<Answer> {
  const { hostname, port } = new URL(api.target.endpoint);
  const chunked = head.some((line) => /^transfer-encoding: chunked$/i.test(line));
  const sentBody = chunked
    ? [body.slice(0, 9), body.slice(9)].map((part) => `${part.length.toString(16)}\r\n${part}\r\n`).join("") +
      "0\r\n\r\n"
    : body;
  const socket = connect(Number(port), hostname);
  for (const piece of [`${head.join("\r\n")}\r\n\r\n`, sentBody])
    for (let at = 0; at < piece.length; at += 500) socket.write(piece.slice(at, at + 500));
  let got = "";
  for await (const data of socket) {
    got += String(data);
    const [, length] = /content-length: (\d+)/i.exec(got) ?? [];
    const [answerHead = "", answer = ""] = got.split("\r\n\r\n");
    if (length !== undefined && Buffer.byteLength(answer) === Number(length)) {
      return { ...(JSON.parse(answer) as object), status: Number(answerHead.split(" ")[1]) }; // which closes the socket
    }
  }
  throw new Error(`no answer but: ${got}`);
}

function recorded(name: string): Promise<Answer> {
  const { head, body } = RECORDED.find((request) => request.name === name) ?? { head: [], body: "" };
  // the record of one client left out what HTTP asks for and no signature covers
  return send(head.some((line) => /^host:/i.test(line)) ? head : [...head, "Host: 127.0.0.1:18080"], body);
}

/** Each of the recorded commands has something wrong, which shows that it was read to there. */
test.each<[string, number, string]>([
  ["RunCommand by SDK 7, v3", 403, "ParameterType.NotSupported"],
  ["RunCommand by pop-core GET", 400, "InvalidResourceTag.ConflictWithInstanceIds"],
  ["RunCommand by pop-core POST", 400, "Parameter.Disabled"],
])("%s is understood, signature and all", async (name, status, code) => {
  expect(await recorded(name)).toMatchObject({ status, Code: code });
  expect(await recorded(name)).toMatchObject({ Code: "SignatureNonceUsed" });
});

test("DescribeInvocationResults by SDK 7, v3, is answered", async () => {
  const answer = await recorded("DescribeInvocationResults by SDK 7, v3");
  expect(answer).toMatchObject({
    status: 200,
    Invocation: { PageSize: 50, InvocationResults: { InvocationResult: [{ InvokeId: "t-hz0000000000001" }] } },
  });
});

test("InvokeCommand by tea-rpc (Terraform), in chunks, runs the command", async () => {
  const answer = await recorded("InvokeCommand by tea-rpc (Terraform), chunked form");
  expect(answer).toMatchObject({ status: 200, InvokeId: expect.stringMatching(/^t-/) as string });
  const invocation = await api.context.store.invocations.find(String(answer["InvokeId"]));
  expect(invocation).toMatchObject({ commandId: "c-1", parameters: { name: "Jack Ma" } });
  expect((await api.context.store.runs.listOf(String(answer["InvokeId"]))).map(({ instanceId }) => instanceId)).toEqual(
    ["i-1", "i-2"],
  );
});

/** Shapes that were read in their clients' source (wire-facts 0.5, 2 and 6), signed here. */
const signed = (parameters: Record<string, string>): string =>
  toQuery(
    signedV1(
      { endpoint: "", ...KEY },
      "DescribeInvocationResults",
      { RegionId: regionId, InvokeId: "t-hz0000000000001", ...parameters, Timestamp: "2026-11-24T01:54:53Z" },
      "POST",
    ),
  );
test.each([
  [
    "aliyun CLI and old Go SDK: an empty SignatureType is signed too",
    { SignatureType: "", Format: "JSON" },
    "Content-Type: application/x-www-form-urlencoded",
  ],
  ["SDK 7 with the old signature: no Content-Type", { Format: "json" }, "x-acs-action: DescribeInvocationResults"],
])("%s", async (_name, parameters, header) => {
  const answer = await send(
    [`POST /?${signed(parameters)} HTTP/1.1`, "Host: 127.0.0.1:18080", header, "Content-Length: 0"],
    "",
  );
  expect(answer).toMatchObject({ status: 200, Invocation: { TotalCount: 1 } });
});
