import type { Launcher } from "@cloud-assistant/shared/launcher";
import type { TaskOrder } from "@cloud-assistant/shared/protocol/orders";
import type { SealedValues, SecretValues } from "@cloud-assistant/shared/protocol/sealed";
import type { RunEnd } from "@cloud-assistant/shared/protocol/run-end";
import { renderOnHost } from "@cloud-assistant/shared/placeholders";
import { interpreterOf, SHELL } from "./launch/interpreter.ts";
import { isOneLine } from "./launch/launch-helper.ts";
import { checkLauncher } from "./launch/start-script.ts";
import { defaultUser, findUser, isDirectory, switchTo } from "./launch/users.ts";
import type { Launch } from "./run-record.ts";
import { findUnsupported } from "./unsupported.ts";

export type Prepared = { readonly script: Uint8Array } & (
  | { readonly launch: Launch; readonly launcher: Launcher | undefined }
  | { readonly end: RunEnd }
);

/** Undefined when the values were not sealed to this host. */
export type OpenSecrets = (sealed: SealedValues, invokeId: string) => SecretValues | undefined;

const UNOPENED =
  "the parameters of the command cannot be opened with this host's key: register the host anew if it was restored from a copy";

/** Everything that can be wrong with an order on this host is found before the run exists; then it is `Invalid`. */
export async function prepare(
  order: TaskOrder,
  instanceId: string,
  open: OpenSecrets = () => undefined,
): Promise<Prepared> {
  const given = Buffer.from(order.content, "base64");
  const unsupported = findUnsupported(order);
  if (unsupported) return { script: given, end: unsupported };
  const secrets = order.sealed ? open(order.sealed, order.invokeId) : {};
  if (!secrets)
    return { script: given, end: { how: "invalid", errorCode: "QueryParameterStoreFailed", errorInfo: UNOPENED } };
  const rendered = order.enableParameter
    ? renderOnHost(given, builtIns(order, instanceId), secrets)
    : { content: given, unknown: [] };
  const script = rendered.content;
  const invalid = (errorCode: string, errorInfo: string): Prepared => ({
    script,
    end: { how: "invalid", errorCode, errorInfo },
  });
  const [unknown] = rendered.unknown;
  if (unknown?.kind === "builtIn")
    return invalid("InvalidSystemBuiltInParameter", `unknown built-in parameter ACS::${unknown.name.slice(0, 64)}`);
  if (unknown) return invalid("QueryParameterStoreFailed", `no value came for ${unknown.name.slice(0, 255)}`);
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
      : invalid(
          "DefaultWorkingDirectoryNotAvailable",
          `the default working directory ${user.home.slice(0, 256)} is not available`,
        );
  }
  const launcher = order.launcher ? checkLauncher(order.launcher, cwd) : undefined;
  if (launcher && "end" in launcher) return { script, end: launcher.end };
  const { program, argument } = launcher ? SHELL : interpreterOf(script);
  return { script, launcher, launch: { user, userSwitch, cwd, interpreter: program, argument } };
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
