import { Client } from "cloud-assistant/client";
import type { Target } from "./sdk.ts";

/** All stored output of an invocation on one host, piece by piece; a gap fails. */
export async function* read(target: Target, invokeId: string): AsyncGenerator<Buffer> {
  for await (const line of new Client(target).stream("StreamInvocationOutput", { InvokeId: invokeId })) {
    if (line["GapTo"] !== undefined) throw new Error(`bytes ${line["Offset"]} to ${line["GapTo"]} of ${invokeId} were dropped`);
    if (line["Data"] !== undefined) yield Buffer.from(String(line["Data"]), "base64");
  }
}
