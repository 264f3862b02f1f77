import type { z } from "zod";
import { parseInput } from "@cloud-assistant/shared/api/fields";
import { ApiError } from "@cloud-assistant/shared/errors";
import type { Nested } from "@cloud-assistant/shared/api/flatten";
import { ECS_VERSION } from "@cloud-assistant/shared/api/versions";
import type { Context } from "../context.ts";
import type { UserRef } from "../store/identity.ts";
import type { RequestNonce } from "../store/store.ts";
import { authorize } from "./authorize.ts";
import type { Layer } from "./layers.ts";
import type { Demand } from "./resources.ts";

/** Who asks. */
export type Caller = {
  readonly accountId: string;
  readonly accessKeyId: string;
  /** Absent: the account itself. */
  readonly user?: UserRef;
  /** Of a temporary key; `policy` is a document that narrows it. */
  readonly session?: { readonly name: string; readonly policy?: string };
  /** What limits it; none: it may do everything in its account. */
  readonly layers: readonly Layer[];
};

/** Everything about a call but its input. */
export type Call = {
  readonly action: string;
  readonly caller: Caller;
  /** Address it came from. */
  readonly sourceIp: string;
  /** Committed with the mutation, so that a replay is refused after a crash too. */
  readonly request: RequestNonce;
  readonly requestId: string;
  /** `host[:port]` by which the caller reached us. */
  readonly host: string;
  /** HMAC of what was asked, without nonce, time and signature: what a ClientToken is compared by. */
  readonly parametersHash: () => string;
  /** Told by a mutation after its commit and before anything else follows from it. */
  readonly committed: () => void;
};

/** An answer that goes on: JSON texts, one a line; `signal` aborts when the caller is gone or we shut down. */
export class LineStream {
  readonly open: (signal: AbortSignal) => AsyncIterable<string>;

  constructor(open: (signal: AbortSignal) => AsyncIterable<string>) {
    this.open = open;
  }
}

/** Without `RequestId`, which the gateway adds. */
export type Answer = object;

export type Action = {
  readonly name: string;
  readonly version: string;
  readonly mutates: boolean;
  /** For its description. */
  readonly input: z.ZodType;
  /** Whether the caller may ask this. @throws {ApiError} like `run`, which begins with it; asked again while an answer goes on. */
  readonly admit: (context: Context, parameters: Readonly<Record<string, Nested>>, call: Call) => Promise<unknown>;
  /** @throws {ApiError} what the caller may see; anything else becomes `InternalError`. */
  readonly run: (
    context: Context,
    parameters: Readonly<Record<string, Nested>>,
    call: Call,
  ) => Promise<Answer | LineStream>;
};

/**
 * Who may call an action. A function says which resources it is about: a user needs the permission for each of them; it is
 * asked before `run`, of callers that something limits. `accountOnly`: the account's own permanent keys. `anybody`: it is about
 * the caller alone.
 */
type Resources<Input> =
  | ((context: Context, input: Input, call: Call) => Demand | Promise<Demand>)
  | "accountOnly"
  | "anybody";

/**
 * An action is one file: its name, its input, who may call it, and what it does.
 * @param definition `mutates`: changes something, so it must commit `call.request`; `permission`: its name in policies, `ecs:` and
 *   the action's name unless given; `version`: of the API it belongs to, that of ECS unless given
 */
export function defineAction<Input>(definition: {
  readonly name: string;
  readonly version?: string;
  readonly input: z.ZodType<Input>;
  readonly mutates: boolean;
  readonly permission?: string;
  readonly resources: Resources<Input>;
  readonly run: (context: Context, input: Input, call: Call) => Promise<Answer | LineStream>;
}): Action {
  const { name, version = ECS_VERSION, mutates, input, permission = `ecs:${name}`, resources, run } = definition;
  const admit = async (context: Context, parameters: Readonly<Record<string, Nested>>, call: Call): Promise<Input> => {
    const { user, session, layers } = call.caller;
    // before its input is read: who may not ask at all is told nothing else
    if (resources === "accountOnly" && (user || session)) throw new ApiError("NoPermission");
    const regionId = parameters["RegionId"];
    checkRegion(regionId, context.config.regionIds);
    const asked = parseInput(input, parameters);
    if (typeof resources === "function" && layers.length > 0) {
      const demand = await resources(context, asked, call);
      await authorize(context, call, {
        permission,
        regionId: typeof regionId === "string" && regionId !== "" ? regionId : "*",
        demand,
      });
    }
    return asked;
  };
  return {
    name,
    version,
    mutates,
    input,
    admit,
    run: async (context, parameters, call) => run(context, await admit(context, parameters, call), call),
  };
}

/** Before any other parameter: in a region we do not have, nothing else can be right. */
function checkRegion(regionId: Nested | undefined, known: readonly string[]): void {
  if (typeof regionId === "string" && regionId !== "" && !known.includes(regionId))
    throw new ApiError("InvalidRegionId.NotFound");
}
