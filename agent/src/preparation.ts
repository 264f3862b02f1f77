import type { TaskOrder } from "@cloud-assistant/shared/protocol/orders";
import type { RunEnd } from "@cloud-assistant/shared/protocol/run-end";
import { renderBuiltIns } from "@cloud-assistant/shared/placeholders";
import { interpreterOf } from "./launch/interpreter.ts";
import { isOneLine } from "./launch/launch-helper.ts";
import { defaultUser, findUser, isDirectory, switchTo } from "./launch/users.ts";
import type { Launch } from "./runs.ts";
import { findUnsupported } from "./unsupported.ts";

export type Prepared = { readonly script: Uint8Array } & ({ readonly launch: Launch } | { readonly end: RunEnd });

/** Everything that can be wrong with an order on this host is found before the run exists; then it is `Invalid`. */
export async function prepare(order: TaskOrder, instanceId: string): Promise<Prepared> {
  const given = Buffer.from(order.content, "base64");
  const unsupported = findUnsupported(order);
  if (unsupported) return { script: given, end: unsupported };
  const rendered = order.enableParameter ? renderBuiltIns(given, builtIns(order, instanceId)) : { content: given, unknown: [] };
  const script = rendered.content;
  const invalid = (errorCode: string, errorInfo: string): Prepared => ({ script, end: { how: "invalid", errorCode, errorInfo } });
  if (rendered.unknown.length > 0) {
    return invalid("InvalidSystemBuiltInParameter", `unknown built-in parameter ACS::${String(rendered.unknown[0]).slice(0, 64)}`);
  }
  const user = order.username ? await findUser(order.username) : defaultUser();
  if (!user) return invalid("AccountNotExists", "the specified account does not exists");
  const userSwitch = await switchTo(user);
  if (!userSwitch) {
    const errorInfo = `the command execution got an exception: the agent is not root and cannot run scripts as ${user.name}`;
    return { script, end: { how: "failed", errorCode: "ExecutionException", errorInfo } };
  }
  const cwd = order.workingDir || user.home;
  if (!isOneLine(cwd) || !isDirectory(cwd)) {
    return order.workingDir
      ? invalid("DirectoryNotExists", "the specified directory does not exists")
      : invalid("DefaultWorkingDirectoryNotAvailable", `the default working directory ${user.home.slice(0, 256)} is not available`);
  }
  const { program, argument } = interpreterOf(script);
  return { script, launch: { user, userSwitch, cwd, interpreter: program, argument } };
}

function builtIns({ builtIn, invokeId }: TaskOrder, instanceId: string): Record<string, string> {
  return {
    RegionId: builtIn.regionId,
    AccountId: builtIn.accountId,
    CommandId: builtIn.commandId,
    InvokeId: invokeId,
    InstanceId: instanceId,
    InstanceName: builtIn.instanceNames[instanceId] ?? "",
  };
}
