import { afterEach, expect, test } from "vitest";
import { openApi, type OpenApi } from "../support/open-api.ts";
import { SDK_CLIENTS, sdkCall } from "../support/sdk.ts";

type Json = Record<string, any>; // oxlint-disable-line typescript/no-explicit-any -- an answer as the wire has it

let api: OpenApi;
afterEach(() => api.close());

const RegionId = "cn-hangzhou";
const LONGEST = 98_304; // 128 KiB as Base64

test.each(SDK_CLIENTS)(
  "content as long as the configuration allows is kept whole, one byte more is refused (%s)",
  async (client) => {
    api = await openApi({ maxContentBytes: 131_072 });
    const { instanceId } = await api.addInstance();
    const run = (CommandContent: string): Promise<Json> =>
      sdkCall(client, api.target, "RunCommand", {
        RegionId,
        Type: "RunShellScript",
        CommandContent,
        ContentEncoding: "Base64",
        InstanceId: [instanceId],
      });
    const content = Buffer.alloc(LONGEST, "é").toString("base64");
    const { InvokeId } = await run(content);
    const { Invocations } = (await sdkCall(client, api.target, "DescribeInvocations", { RegionId, InvokeId })) as Json;
    expect(Invocations.Invocation[0].CommandContent === content).toBe(true); // not told in full when it is not
    await expect(run(Buffer.alloc(LONGEST + 1).toString("base64"))).rejects.toMatchObject({
      code: "CmdContent.ExceedLimit",
    });
  },
);
