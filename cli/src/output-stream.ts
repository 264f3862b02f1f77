import { ApiFailure, type Client } from "./client.ts";

export type RunEndLine = { InstanceId: string; InvocationStatus: string; ExitCode?: number; ErrorCode: string; ErrorInfo: string; OutputBytes: number; Ended: boolean };
export type OutputSink = {
  bytes: (instanceId: string, bytes: Buffer) => void;
  gap: (instanceId: string, from: number, to: number) => void;
  end: (line: RunEndLine) => void;
};

/**
 * Follows one instance's output to its end, taking the stream up again at its offset when it is cut.
 * @param attempts cuts in a row that are borne before the failure is told
 */
export async function followOutput(client: Client, InvokeId: string, InstanceId: string, follow: boolean, sink: OutputSink, attempts = 10): Promise<void> {
  let offset = 0;
  for (let failures = 0; ; ) {
    try {
      for await (const line of client.stream("StreamInvocationOutput", { InvokeId, InstanceId: [InstanceId], Follow: follow, Offset: offset })) {
        failures = 0;
        if (line["Data"] !== undefined) {
          const bytes = Buffer.from(String(line["Data"]), "base64");
          sink.bytes(InstanceId, bytes);
          offset = Number(line["Offset"]) + bytes.length;
        } else if (line["GapTo"] !== undefined) {
          sink.gap(InstanceId, Number(line["Offset"]), Number(line["GapTo"]));
          offset = Number(line["GapTo"]);
        } else {
          return sink.end(line as RunEndLine);
        }
      }
      throw new Error("the stream of output was cut");
    } catch (error) {
      if (error instanceof ApiFailure || ++failures > attempts) throw error;
    }
  }
}
