import type { DescribeInvocationsAnswer, InvocationAnswer } from "@cloud-assistant/shared/api/invocations";
import { Client } from "../client.ts";
import { write, writeJson, type Io } from "../io.ts";
import { toTable } from "../table.ts";
import { resolveTarget, type TargetFlags } from "../target.ts";

/** What DescribeInvocations gives at once. */
const PAGE = 50;
/** Characters of a script that a row shows. */
const SHOWN_SCRIPT = 50;

export async function runPs(
  { limit, json, ...access }: TargetFlags & { limit: number; json?: boolean },
  io: Io,
): Promise<number> {
  const client = new Client(resolveTarget(access, io.env));
  const invocations: InvocationAnswer[] = [];
  let token: string | undefined;
  do {
    const answer = await client.call<DescribeInvocationsAnswer>("DescribeInvocations", {
      MaxResults: Math.min(PAGE, limit - invocations.length),
      NextToken: token,
    });
    invocations.push(...answer.Invocations.Invocation);
    token = answer.NextToken;
  } while (token && invocations.length < limit);
  client.close();
  if (json) await writeJson(io, invocations.map(toJson));
  else await write(io.stdout, toTable(["invocation", "status", "created", "hosts", "script"], invocations.map(toRow)));
  return 0;
}

function toRow(invocation: InvocationAnswer): (string | number)[] {
  const { InvokeId, InvocationStatus, CreationTime, InvokeInstances } = invocation;
  const script = scriptOf(invocation).trim();
  const [first = ""] = script.split("\n", 1);
  const shown = first.length > SHOWN_SCRIPT || first !== script ? `${first.slice(0, SHOWN_SCRIPT)} …` : first;
  return [InvokeId, InvocationStatus, CreationTime, InvokeInstances.InvokeInstance.length, shown];
}

function toJson(invocation: InvocationAnswer) {
  return {
    invokeId: invocation.InvokeId,
    commandId: invocation.CommandId,
    name: invocation.CommandName,
    status: invocation.InvocationStatus,
    createdAt: invocation.CreationTime,
    script: scriptOf(invocation),
    instances: invocation.InvokeInstances.InvokeInstance.map(
      ({ InstanceId, InvocationStatus, ExitCode, ErrorCode, ErrorInfo }) => ({
        instanceId: InstanceId,
        status: InvocationStatus,
        exitCode: ExitCode,
        errorCode: ErrorCode,
        errorInfo: ErrorInfo,
      }),
    ),
  };
}

function scriptOf({ CommandContent }: InvocationAnswer): string {
  return Buffer.from(CommandContent, "base64").toString();
}
