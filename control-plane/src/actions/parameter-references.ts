import { PARAMETER_NAME } from "@cloud-assistant/shared/api/parameter-store";
import { ApiError } from "@cloud-assistant/shared/errors";
import { findPlaceholders, renderContent, renderOnHost } from "@cloud-assistant/shared/placeholders";
import { PASSWORD, type SecretValues } from "@cloud-assistant/shared/protocol/sealed";
import type { Context } from "../context.ts";
import { checkSize } from "../domain/command-content.ts";
import type { Invocation } from "../store/store.ts";
import type { Call } from "./action.ts";
import { isRefused } from "./authorize.ts";
import { findInstances } from "./find-instances.ts";
import { parameterResource } from "./parameter-resources.ts";
import { readValue } from "./parameter-values.ts";
import { sealToHosts } from "./seal-to-hosts.ts";

type Referring = Pick<
  Invocation,
  | "invokeId"
  | "accountId"
  | "regionId"
  | "commandType"
  | "content"
  | "enableParameter"
  | "parameters"
  | "windowsPasswordName"
>;

/**
 * Reads the parameters that a script or a Windows user's password refers to, as they are now, and seals their values to the
 * hosts: from then on nobody else can read them, the control plane included.
 * @returns what is kept of them with the invocation; empty where it refers to none
 * @throws {ApiError} `ParameterStore.NotSupported`, `ParameterStore.NoPermission`, `ParameterStore.InvalidParameters`, or `CmdContent.ExceedLimit` when the
 * values make the script too long
 */
export async function resolveParameterReferences(
  context: Context,
  call: Call,
  invocation: Referring,
  instanceIds: readonly string[],
): Promise<string> {
  const references = listReferences(invocation);
  if (references.size === 0) return "";
  if (!context.config.parameterStore) throw new ApiError("ParameterStore.NotSupported");
  const read = [...references].map(
    async ([reference, name]) => [reference, await readReferred(context, call, invocation, reference, name)] as const,
  );
  const values: SecretValues = Object.fromEntries(await Promise.all(read));
  const { content, parameters, enableParameter, invokeId } = invocation;
  if (enableParameter)
    checkSize(
      renderOnHost(renderContent(content, parameters), {}, values).content.length,
      context.config.maxContentBytes,
    );
  return JSON.stringify(
    sealToHosts(invokeId, values, await findInstances(context, invocation, [...new Set(instanceIds)])),
  );
}

/** Names of parameters by how they are referred to. */
function listReferences({
  commandType,
  content,
  enableParameter,
  windowsPasswordName,
}: Referring): Map<string, string> {
  const found = enableParameter ? findPlaceholders(content).filter(({ kind }) => kind === "reference") : [];
  const references = new Map(found.map(({ name }) => [name, name.slice(name.indexOf(":") + 1)]));
  if (windowsPasswordName !== "" && commandType !== "RunShellScript") references.set(PASSWORD, windowsPasswordName);
  return references;
}

/** Whoever runs a script that reads a parameter must be allowed to read it: the script could print it. */
async function readReferred(
  context: Context,
  call: Call,
  { accountId, regionId }: Referring,
  reference: string,
  name: string,
): Promise<string> {
  const secret = !reference.startsWith("oos:");
  const key = { accountId, regionId, secret, name };
  const parameter = PARAMETER_NAME.test(name) ? await context.store.parameters.find(key) : undefined;
  const asked = {
    permission: secret ? "oos:GetSecretParameter" : "oos:GetParameter",
    regionId,
    demand: { resources: [parameterResource(key, parameter)] },
  };
  if (await isRefused(context, call, asked)) throw new ApiError("ParameterStore.NoPermission");
  if (!parameter) throw new ApiError("ParameterStore.InvalidParameters");
  return readValue(context, parameter);
}
