/**
 * Why a schedule is refused: the ErrorCode a run would carry and the text that goes with it (api-facts 3). The texts of all
 * but the first are ours, as only paraphrases are published.
 */
export const SCHEDULE_ERRORS = {
  BadCronExpression: "the cron job expression is invalid",
  CronExpressionExpired: "the cron expression has no future run",
  InvalidGMTOffsetForTimezone: "the GMT offset is malformed",
  InvalidGMTOffsetHourForTimezone: "the hour of the GMT offset is out of range",
  InvalidGMTOffsetMinuteForTimezone: "the minute of the GMT offset is out of range",
  TimezoneInformationCorrupt: "the time zone is unknown",
  InvalidRateExpression: "the rate expression is invalid",
  RateFrequencyTooLarge: "the interval of the rate expression is too large",
  InvalidAtExpression: "the at expression is invalid",
  AtExpressionExpired: "the time of the at expression is over",
} as const;
export type ScheduleErrorCode = keyof typeof SCHEDULE_ERRORS;

/** An expression that is not taken: a value, never thrown. */
export class Refusal {
  readonly code: ScheduleErrorCode;
  /** Character of the expression where it went wrong, from 1 on. */
  readonly position: number;
  readonly reason: string;

  constructor(code: ScheduleErrorCode, position: number, reason: string) {
    this.code = code;
    this.position = position;
    this.reason = reason;
  }

  /** One sentence for a person. */
  toString(): string {
    return `${this.code} at character ${this.position}: ${this.reason}.`;
  }
}
