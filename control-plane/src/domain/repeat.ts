import { ApiError } from "@cloud-assistant/shared/errors";
import type { RepeatMode } from "@cloud-assistant/shared/vocabulary";

/** These run by themselves again, or only later. */
export const REPEATING_MODES: readonly RepeatMode[] = ["Period", "NextRebootOnly", "EveryReboot"];

export function isRepeating(mode: RepeatMode): boolean {
  return REPEATING_MODES.includes(mode);
}

/**
 * A Frequency makes it `Period` whatever RepeatMode says (RunCommand, RepeatMode), except of a dry run: that checks the
 * schedule with the rest and must never run anything.
 * @throws {ApiError} `MissingParam.Frequency`
 */
export function toRepeatMode(asked: RepeatMode | undefined, frequency: string | undefined): RepeatMode {
  if (asked === "DryRun") return "DryRun";
  if (frequency !== undefined) return "Period";
  if (asked === "Period") throw new ApiError("MissingParam.Frequency");
  return asked ?? "Once";
}
