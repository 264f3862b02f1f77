import ecs, * as models from "@alicloud/ecs20140526";
import { $OpenApiUtil } from "@alicloud/openapi-core";
import type PopClient from "@alicloud/pop-core";
import * as popCore from "@alicloud/pop-core";
import { ECS_VERSION, OOS_VERSION, RAM_VERSION, STS_VERSION } from "@cloud-assistant/shared/api/versions";

// the package declares its class as the whole module, yet exports an object that holds it
const { RPCClient } = popCore as unknown as { RPCClient: typeof PopClient };

// vitest gives the class itself as the default of a CommonJS module, Node an object that holds it
const Client = (ecs as { default?: typeof ecs.default }).default ?? (ecs as unknown as typeof ecs.default);

/** What a client needs to reach a control plane: its endpoint and an access key; a temporary one comes with its token. */
export type Target = {
  readonly endpoint: string;
  readonly accessKeyId: string;
  readonly accessKeySecret: string;
  readonly securityToken?: string;
};

export const SDK_CLIENTS = ["v3", "v2", "pop-get", "pop-post"] as const;
/** `v3`: @alicloud/ecs20140526, ACS3. `v2`: the same with the v1 signature. `pop-…`: @alicloud/pop-core, v1, by that method. */
export type SdkClient = (typeof SDK_CLIENTS)[number];

type Answer = Record<string, unknown>;

/** Calls an action through an unchanged official SDK and gives the answer back as the API spells it (PascalCase). */
export async function sdkCall(
  client: SdkClient,
  target: Target,
  action: string,
  parameters: Record<string, unknown>,
): Promise<Answer> {
  return client === "v3" || client === "v2"
    ? modelCall(client, target, action, parameters)
    : popCall(client, target, action, parameters);
}

async function modelCall(
  client: "v3" | "v2",
  target: Target,
  action: string,
  parameters: Record<string, unknown>,
): Promise<Answer> {
  const { host } = new URL(target.endpoint);
  const config = new $OpenApiUtil.Config({
    endpoint: host,
    protocol: "http",
    regionId: "cn-hangzhou",
    accessKeyId: target.accessKeyId,
    accessKeySecret: target.accessKeySecret,
    ...(target.securityToken !== undefined && { securityToken: target.securityToken }),
    ...(client === "v2" ? { signatureAlgorithm: "v2" } : {}),
  });
  const sdk = new Client(config) as unknown as Record<
    string,
    (request: unknown) => Promise<{ body: { toMap: () => Answer } }>
  >;
  const Request = (models as unknown as Record<string, new (map: unknown) => unknown>)[`${action}Request`];
  const call = sdk[action[0]?.toLowerCase() + action.slice(1)];
  if (!Request || !call) throw new Error(`the SDK has no ${action}`);
  const { body } = await call.call(sdk, new Request(toModel(parameters)));
  return body.toMap();
}

/** The models spell names with a lower-case first letter, in lists of objects too; a map such as Parameters is the caller's own. */
function toModel(parameters: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(parameters).map(([name, value]) => [
      name[0]?.toLowerCase() + name.slice(1),
      Array.isArray(value)
        ? value.map((item: unknown) => (typeof item === "object" ? toModel(item as Record<string, unknown>) : item))
        : value,
    ]),
  );
}

/** An action of OOS, whose typed SDK is not on npm any more; pop-core serves every API by its version. */
export async function oosCall(
  target: Target,
  action: string,
  parameters: Record<string, unknown>,
  client: "pop-get" | "pop-post" = "pop-post",
): Promise<Answer> {
  return popCall(client, target, action, parameters, OOS_VERSION);
}

/** An action of RAM or STS, which the ECS client does not have. */
export async function identityCall(
  target: Target,
  action: string,
  parameters: Record<string, unknown> = {},
): Promise<Answer> {
  return popCall(
    "pop-post",
    target,
    action,
    parameters,
    ["AssumeRole", "GetCallerIdentity"].includes(action) ? STS_VERSION : RAM_VERSION,
  );
}

async function popCall(
  client: "pop-get" | "pop-post",
  target: Target,
  action: string,
  parameters: Record<string, unknown>,
  apiVersion = ECS_VERSION,
): Promise<Answer> {
  const rpc = new RPCClient({
    endpoint: target.endpoint,
    apiVersion,
    accessKeyId: target.accessKeyId,
    accessKeySecret: target.accessKeySecret,
    ...(target.securityToken !== undefined && { securityToken: target.securityToken }),
  });
  return rpc.request<Answer>(action, parameters, { method: client === "pop-get" ? "GET" : "POST" });
}
