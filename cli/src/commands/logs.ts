import type { DescribeInvocationsAnswer } from "@cloud-assistant/shared/api/invocations";
import { Client } from "../client.ts";
import { CliFailure } from "../failure.ts";
import { nameHosts } from "../hosts.ts";
import { catchInterrupt } from "../interrupt.ts";
import { write, writeJson, type Io } from "../io.ts";
import { OutputPrinter, statusText } from "../output-printer.ts";
import { followOutput, type OutputEvent } from "../output-stream.ts";
import { resolveTarget, type TargetFlags } from "../target.ts";

export type LogsFlags = TargetFlags & { instance?: string[]; follow?: boolean; raw?: boolean; json?: boolean };

export async function runLogs(invokeId: string, flags: LogsFlags, io: Io): Promise<number> {
  const client = new Client(resolveTarget(flags, io.env));
  const instanceIds = flags.instance ? [...new Set(flags.instance)] : await findInstances(client, invokeId);
  if (flags.raw && instanceIds.length > 1)
    throw new CliFailure(
      `${invokeId} has ${instanceIds.length} hosts; say which with --instance: ${instanceIds.join(" ")}`,
    );
  const interrupt = catchInterrupt();
  try {
    const names =
      instanceIds.length > 1 ? await nameHosts(client, instanceIds) : new Map(instanceIds.map((id) => [id, id]));
    const show = createShow(flags, names, io);
    const onCut = (reason: string): void => void io.stderr.write(`${reason}\nTrying again.\n`);
    for await (const event of followOutput(
      client,
      { invokeId, instanceIds, follow: flags.follow === true },
      interrupt.signal,
      onCut,
    ))
      await show(event);
    return interrupt.signal.aborted ? interrupt.exitCode() : 0;
  } finally {
    interrupt.release();
    client.close();
  }
}

async function findInstances(client: Client, invokeId: string): Promise<string[]> {
  const answer = await client.call<DescribeInvocationsAnswer>("DescribeInvocations", { InvokeId: invokeId });
  const invocation = answer.Invocations.Invocation[0];
  if (!invocation) throw new CliFailure(`there is no invocation ${invokeId}; cloud-assistant ps lists those there are`);
  return invocation.InvokeInstances.InvokeInstance.map(({ InstanceId }) => InstanceId);
}

function createShow(
  { raw, json }: LogsFlags,
  names: ReadonlyMap<string, string>,
  io: Io,
): (event: OutputEvent) => Promise<void> {
  if (json) return (event) => writeJson(io, toJson(event));
  const printer = new OutputPrinter(io, names, { escape: !raw });
  return async (event) => {
    await printer.print(event);
    if (event.type === "status" && !raw)
      await write(io.stderr, `${printer.nameOf(event.instanceId)}: ${statusText(event.line)}\n`);
  };
}

function toJson(event: OutputEvent): object {
  const { type, instanceId } = event;
  switch (event.type) {
    case "data":
      return { type, instanceId, data: event.bytes.toString("base64") };
    case "gap":
      return { type, instanceId, bytes: event.bytes };
    case "status": {
      const {
        InvocationStatus: status,
        ExitCode: exitCode = null,
        ErrorCode: errorCode,
        ErrorInfo: errorInfo,
        OutputBytes: outputBytes,
        Ended: ended,
      } = event.line;
      return { type, instanceId, status, exitCode, errorCode, errorInfo, outputBytes, ended };
    }
  }
}
