import { createContext, Script } from "node:vm";
import { readConstraints, type ValuedParameterAnswer } from "@cloud-assistant/shared/api/parameter-store";
import { ApiError } from "@cloud-assistant/shared/errors";
import type { Context } from "../context.ts";
import { parameterPurpose } from "../domain/seal-purposes.ts";
import type { Parameter } from "../store/parameters.ts";
import { toParameter } from "./parameter-answer.ts";

/**
 * A pattern may take this long on a value, milliseconds: one that backtracks for ever must not hold everybody up. By the wall, so
 * on a machine that is busy with something else it gets a second, longer try.
 */
const PATTERN_MS = [50, 250];
const MATCH = new Script("new RegExp(pattern, 'u').test(value)");

/** @throws {ApiError} `InvalidParameter` for a value that the parameter's constraints do not allow, or a pattern that is none */
export function checkValue(value: string, constraints: string): void {
  const { AllowedValues, AllowedPattern, MinLength = 0, MaxLength = Infinity } = readConstraints(constraints) ?? {};
  const length = [...value].length;
  const allowed = (AllowedValues?.includes(value) ?? true) && length >= MinLength && length <= MaxLength;
  if (!allowed || (AllowedPattern !== undefined && !matches(AllowedPattern, value)))
    throw new ApiError("InvalidParameter", { values: ["Value"] });
}

function matches(pattern: string, value: string, [timeout, ...longer]: readonly number[] = PATTERN_MS): boolean {
  try {
    return MATCH.runInContext(createContext({ pattern, value }), { timeout }) as boolean;
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "ERR_SCRIPT_EXECUTION_TIMEOUT" && longer.length > 0)
      return matches(pattern, value, longer);
    throw new ApiError("InvalidParameter", { values: ["Constraints"], cause });
  }
}

/** @throws {ApiError} `EntityNotExists.Parameter` for a version that is not, or no longer, there */
export async function readValue(
  { store, keys }: Pick<Context, "store" | "keys">,
  { parameterId }: Parameter,
  version?: number,
): Promise<string> {
  const found = await store.parameters.findVersion(parameterId, version);
  if (!found) throw new ApiError("EntityNotExists.Parameter");
  return keys.unseal(parameterPurpose(parameterId), found.sealedValue);
}

/** The parameter as it was at that version, the newest by default, with its value, which is empty for a secret one unless asked for. */
export async function toValued(
  context: Pick<Context, "store" | "keys">,
  parameter: Parameter,
  { version, shown = true }: { readonly version?: number | undefined; readonly shown?: boolean | undefined },
): Promise<ValuedParameterAnswer> {
  const Value = await readValue(context, parameter, version);
  return { ...toParameter(parameter), ParameterVersion: version ?? parameter.version, Value: shown ? Value : "" };
}
