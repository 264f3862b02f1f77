import type { OutputLine } from "@cloud-assistant/shared/api/invocations";
import { signedV1, toQuery } from "./signed-request.ts";
import type { Target } from "./sdk.ts";

/** All stored output of an invocation on one host. @throws {Error} when bytes of it were dropped. */
export async function readOutput(target: Target, invokeId: string): Promise<Buffer> {
  const request = signedV1(target, "StreamInvocationOutput", { RegionId: "cn-hangzhou", InvokeId: invokeId }, "GET");
  const response = await fetch(`${target.endpoint}/?${toQuery(request)}`);
  const lines = (await response.text())
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line) as OutputLine);
  return Buffer.concat(
    lines.map((line) => {
      if ("GapTo" in line) throw new Error(`bytes ${line.Offset} to ${line.GapTo} of ${invokeId} were dropped`);
      return Buffer.from("Data" in line ? line.Data : "", "base64");
    }),
  );
}
