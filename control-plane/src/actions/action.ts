import type { z } from "zod";
import { parseInput } from "@cloud-assistant/shared/api/fields";
import { ApiError } from "@cloud-assistant/shared/errors";
import type { Nested } from "@cloud-assistant/shared/api/flatten";
import { ECS_VERSION } from "@cloud-assistant/shared/api/versions";
import type { Context } from "../context.ts";
import type { RequestNonce } from "../store/store.ts";

/** Everything about a call but its input. */
export type Call = {
  readonly action: string;
  readonly caller: { readonly accountId: string; readonly accessKeyId: string };
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
  /** @throws {ApiError} what the caller may see; anything else becomes `InternalError`. */
  readonly run: (context: Context, parameters: Readonly<Record<string, Nested>>, call: Call) => Promise<Answer | LineStream>;
};

/**
 * An action is one file: its name, its input, and what it does.
 * @param definition `mutates`: changes something, so it must commit `call.request`; `version`: of the API it belongs to, that
 *   of ECS unless given
 */
export function defineAction<Input>(definition: {
  readonly name: string;
  readonly version?: string;
  readonly input: z.ZodType<Input>;
  readonly mutates: boolean;
  readonly run: (context: Context, input: Input, call: Call) => Promise<Answer | LineStream>;
}): Action {
  const { name, version = ECS_VERSION, mutates, input, run } = definition;
  return {
    name,
    version,
    mutates,
    input,
    run: async (context, parameters, call) => {
      checkRegion(parameters["RegionId"], context.config.regionIds);
      return run(context, parseInput(input, parameters), call);
    },
  };
}

/** Before any other parameter: in a region we do not have, nothing else can be right. */
function checkRegion(regionId: Nested | undefined, known: readonly string[]): void {
  if (typeof regionId === "string" && regionId !== "" && !known.includes(regionId)) throw new ApiError("InvalidRegionId.NotFound");
}
