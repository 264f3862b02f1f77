import { ApiError, type ApiErrorCode } from "@cloud-assistant/shared/errors";
import type { RepeatMode } from "@cloud-assistant/shared/vocabulary";

const UNIT_SECONDS = { s: 1, m: 60, h: 3600, d: 86_400 } as const;
/** Bounds of a rate, seconds (RunCommand, Frequency). */
const MIN_RATE_SECONDS = 60;
const MAX_RATE_SECONDS = 7 * 86_400;
const AT = /^at\(\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}(?: [A-Za-z0-9_+:/-]+)?\)$/;
const CRON = /^(?:[0-9A-Za-z*?,/#-]+ +){5}[0-9A-Za-z*?,/#-]+(?: +[0-9*,/-]+)?(?: +[A-Za-z][A-Za-z0-9_+:/-]*)?$/;

/**
 * The shape of a schedule, and the bounds of a rate.
 * @throws {ApiError} `invalid`
 */
export function checkFrequency(
  frequency: string,
  { timeoutSeconds }: { readonly nowMs: number; readonly timeoutSeconds: number; readonly repeatMode: RepeatMode },
  invalid: ApiErrorCode = "InvalidParam.Frequency",
): void {
  if (!isFrequency(frequency, timeoutSeconds)) throw new ApiError(invalid);
}

function isFrequency(text: string, timeoutSeconds: number): boolean {
  const rate = /^rate\((\d{1,9})([smhd])\)$/.exec(text);
  if (!rate) return AT.test(text) || CRON.test(text);
  const seconds = Number(rate[1]) * UNIT_SECONDS[rate[2] as keyof typeof UNIT_SECONDS];
  return seconds >= MIN_RATE_SECONDS && seconds <= MAX_RATE_SECONDS && seconds > timeoutSeconds;
}
