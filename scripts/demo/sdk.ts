// The unchanged official SDK, pointed at our control plane: this is all that a program of yours needs.
import ecs, * as models from "@alicloud/ecs20140526";
import { $OpenApiUtil } from "@alicloud/openapi-core";

export type Access = { readonly endpoint: string; readonly accessKeyId: string; readonly accessKeySecret: string };
export type Asked = {
  readonly instanceId: string;
  readonly script: string;
  readonly username: string;
  readonly workingDir: string;
  readonly timeout: number;
  readonly wholeTree?: boolean;
};
export type Result = {
  readonly status: string;
  readonly exitCode: number | undefined;
  readonly errorInfo: string;
  readonly output: string;
};

const regionId = "cn-hangzhou";

export function createSdk({ endpoint, accessKeyId, accessKeySecret }: Access) {
  const { protocol, host } = new URL(endpoint);
  const config = new $OpenApiUtil.Config({
    accessKeyId,
    accessKeySecret,
    endpoint: host,
    protocol: protocol.slice(0, -1),
    regionId,
  });
  const client = new ecs.default(config);

  return {
    runCommand: async ({ instanceId, script, username, workingDir, timeout, wholeTree }: Asked): Promise<string> => {
      const request = new models.RunCommandRequest({
        regionId,
        type: "RunShellScript",
        commandContent: Buffer.from(script).toString("base64"),
        contentEncoding: "Base64",
        instanceId: [instanceId],
        username,
        workingDir,
        timeout,
        ...(wholeTree && { terminationMode: "ProcessTree" }),
      });
      const { body } = await client.runCommand(request);
      return body?.invokeId ?? "";
    },
    describeResult: async (invokeId: string): Promise<Result> => {
      const request = new models.DescribeInvocationResultsRequest({ regionId, invokeId, contentEncoding: "Base64" });
      const { body } = await client.describeInvocationResults(request);
      const result = body?.invocation?.invocationResults?.invocationResult?.[0];
      if (!result) throw new Error(`there is no result of ${invokeId}`);
      return {
        status: result.invocationStatus ?? "",
        exitCode: result.exitCode,
        errorInfo: result.errorInfo ?? "",
        output: Buffer.from(result.output ?? "", "base64").toString(),
      };
    },
  };
}
