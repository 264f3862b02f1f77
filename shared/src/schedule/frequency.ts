import { API_ERRORS } from "../errors.ts";
import type { RepeatMode } from "../vocabulary.ts";
import { checkSchedule } from "./check.ts";
import { Refusal } from "./refusal.ts";
import { parseSchedule, type PlacedSchedule, type Schedule } from "./schedule.ts";
import { fixedClock } from "./zone/clock.ts";
import type { Zone } from "./zone/name.ts";
import { HOUR_MS } from "./zone/wall-time.ts";

/** Stands for the zone of a host that is not known: what is over here is over everywhere. */
const LAST_ZONE: Zone = { name: "host time", clock: fixedClock(-12 * HOUR_MS) };

export type FrequencyQuestion = {
  readonly nowMs: number;
  readonly timeoutSeconds: number;
  readonly repeatMode: RepeatMode | undefined;
};

/** `schedule` is there when the mode is Period. */
export type FrequencyAnswer =
  | { readonly ok: true; readonly repeatMode: Exclude<RepeatMode, "Period"> }
  | { readonly ok: true; readonly repeatMode: "Period"; readonly schedule: Schedule }
  | {
      readonly ok: false;
      /** As documented for RunCommand and InvokeCommand; ModifyInvocationAttribute says `InvalidParameter.Frequency`. */
      readonly code: "MissingParam.Frequency" | "InvalidParam.Frequency";
      readonly message: string;
      readonly refusal?: Refusal;
    };

/**
 * Judges `Frequency` and `RepeatMode` at the API call. A frequency makes the mode Period whatever it says (RunCommand).
 * The hosts' zone is not known here: a schedule without a zone of its own is judged by a clock that is never changed, in
 * the last zone of the world to reach a date; `checkSchedule` on the host judges it by the host's.
 */
export function checkFrequency(
  frequency: string | undefined,
  { nowMs, timeoutSeconds, repeatMode }: FrequencyQuestion,
): FrequencyAnswer {
  if (frequency === undefined || frequency === "") {
    if (repeatMode !== "Period") return { ok: true, repeatMode: repeatMode ?? "Once" };
    return { ok: false, code: "MissingParam.Frequency", message: API_ERRORS["MissingParam.Frequency"].message };
  }
  const schedule = parseSchedule(frequency);
  if (schedule instanceof Refusal) return refuse(schedule);
  const refusal = checkSchedule(placeAnywhere(schedule, nowMs), nowMs, timeoutSeconds);
  return refusal ? refuse(refusal) : { ok: true, repeatMode: "Period", schedule };
}

function refuse(refusal: Refusal): FrequencyAnswer {
  const message = `${API_ERRORS["InvalidParam.Frequency"].message} ${refusal.toString()}`;
  return { ok: false, code: "InvalidParam.Frequency", message, refusal };
}

function placeAnywhere(schedule: Schedule, createdMs: number): PlacedSchedule {
  const own = schedule.kind === "rate" ? undefined : schedule.zone;
  return { schedule, zone: own ?? LAST_ZONE, createdMs };
}
