import { API_ERRORS, ApiError, type ApiErrorCode } from "@cloud-assistant/shared/errors";
import { checkFrequency as judge, type FrequencyQuestion } from "@cloud-assistant/shared/schedule/frequency";

/**
 * The schedule itself; the host's zone, where it has none of its own, is known to the host alone.
 * @throws {ApiError} `invalid`, with the place and the reason after the documented text
 */
export function checkFrequency(
  frequency: string,
  question: FrequencyQuestion,
  invalid: ApiErrorCode = "InvalidParam.Frequency",
): void {
  const answer = judge(frequency, question);
  if (answer.ok) return;
  const detail = answer.refusal && `${API_ERRORS[invalid].message} ${answer.refusal.toString()}`;
  throw new ApiError(invalid, { detail });
}
