import type { DescribeInvocationsAnswer, InvokeInstanceAnswer } from "@cloud-assistant/shared/api/invocations";
import type { Client } from "./client.ts";
import { CliFailure } from "./failure.ts";
import { exitCodeOf, exitCodeOfAll } from "./exit-code.ts";
import { writeJson, type Io } from "./io.ts";
import { statusText } from "./output-printer.ts";
import type { StatusLine } from "./output-stream.ts";
import { toTable } from "./table.ts";

type Ended = {
  readonly client: Client;
  readonly invokeId: string;
  readonly json: boolean;
  readonly names: ReadonlyMap<string, string>;
  readonly endings: ReadonlyMap<string, StatusLine>;
};

/** Tells how an invocation ended and gives the exit code for it. */
export async function tellResult({ client, invokeId, json, names, endings }: Ended, io: Io): Promise<number> {
  const lines = [...endings.values()];
  const exitCode = exitCodeOfAll(
    lines.map(({ InvocationStatus, ExitCode }) => ({ status: InvocationStatus, exitCode: ExitCode })),
  );
  if (json) await writeJson(io, await toJson(client, invokeId, endings, exitCode));
  else if (names.size > 1) io.stderr.write(toHostTable(names, endings));
  else
    for (const line of lines.filter(({ InvocationStatus }) => InvocationStatus !== "Success"))
      io.stderr.write(`${statusText(line)}\n`);
  return exitCode;
}

function toHostTable(names: ReadonlyMap<string, string>, endings: ReadonlyMap<string, StatusLine>): string {
  const rows = Array.from(names, ([id, name]) => {
    const line = endings.get(id);
    return [name, id, line?.ExitCode ?? "", line ? statusText(line) : "", line?.OutputBytes ?? ""];
  });
  return toTable(["host", "instance", "exit", "result", "output bytes"], rows);
}

async function toJson(client: Client, invokeId: string, endings: ReadonlyMap<string, StatusLine>, exitCode: number) {
  const answer = await client.call<DescribeInvocationsAnswer>("DescribeInvocations", {
    InvokeId: invokeId,
    IncludeOutput: true,
    ContentEncoding: "Base64",
  });
  const invocation = answer.Invocations.Invocation[0];
  if (!invocation) throw new CliFailure(`the control plane no longer knows ${invokeId}`);
  return {
    invokeId,
    commandId: invocation.CommandId,
    status: invocation.InvocationStatus,
    exitCode,
    results: invocation.InvokeInstances.InvokeInstance.map((instance) =>
      toResult(instance, endings.get(instance.InstanceId)),
    ),
  };
}

/** `exitCode` is null where the script did not end by itself or its code is not known; `output` is what the API shows of it. */
function toResult(instance: InvokeInstanceAnswer, line: StatusLine | undefined) {
  return {
    instanceId: instance.InstanceId,
    status: instance.InvocationStatus,
    exitCode: line?.ExitCode ?? null,
    cliExitCode: exitCodeOf({ status: instance.InvocationStatus, exitCode: line?.ExitCode }),
    errorCode: instance.ErrorCode,
    errorInfo: instance.ErrorInfo,
    startTime: instance.StartTime,
    finishTime: instance.FinishTime,
    output: Buffer.from(instance.Output, "base64").toString(),
    outputBase64: instance.Output,
    outputBytes: line?.OutputBytes ?? 0,
    dropped: instance.Dropped,
  };
}
