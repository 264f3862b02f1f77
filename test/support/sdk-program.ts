// Calls the API through an official SDK from wherever it is started (a network namespace of a test), one JSON request a
// line on stdin, one JSON answer a line on stdout.
import { createInterface } from "node:readline";
import { sdkCall, type SdkClient, type Target } from "./sdk.ts";

export type SdkRequest = { client: SdkClient; target: Target; action: string; parameters: Record<string, unknown> };
export type SdkAnswer = { answer: Record<string, unknown> } | { error: { code: string; message: string } };

for await (const line of createInterface({ input: process.stdin })) {
  const { client, target, action, parameters } = JSON.parse(line) as SdkRequest;
  const answer: SdkAnswer = await sdkCall(client, target, action, parameters).then(
    (answered) => ({ answer: answered }),
    (error: { code?: string; message?: string }) => ({
      error: { code: String(error.code), message: String(error.message) },
    }),
  );
  console.log(JSON.stringify(answer));
}
