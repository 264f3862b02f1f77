import { Refusal } from "@cloud-assistant/shared/schedule/refusal";
import { parseSchedule, placeSchedule, type PlacedSchedule } from "@cloud-assistant/shared/schedule/schedule";
import { nextRuns } from "@cloud-assistant/shared/schedule/next-run";

/** The long form of the property tests; the short one, with the same seeds, is part of every run. */
export const campaign = process.env["CAMPAIGN_SCHEDULES"] !== undefined;

/** @throws when the expression is refused: a test that expects that asks `parseSchedule` itself. */
export function place(expression: string, { createdMs = 0, hostZone = "UTC" } = {}): PlacedSchedule {
  const schedule = parseSchedule(expression);
  const placed = schedule instanceof Refusal ? schedule : placeSchedule(schedule, { createdMs, hostZone });
  if (placed instanceof Refusal) throw new Error(`${expression}: ${placed.toString()}`);
  return placed;
}

/** The next runs as UTC texts without the zero parts: `2027-03-14T07:00:00Z`. */
export function runsOf(expression: string, from: string, count: number, hostZone = "UTC"): string[] {
  return nextRuns(place(expression, { hostZone, createdMs: Date.parse(from) }), Date.parse(from), count).map((atMs) =>
    new Date(atMs).toISOString().replace(".000Z", "Z"),
  );
}
