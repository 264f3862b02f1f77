import { checkFrequency } from "@cloud-assistant/shared/schedule/frequency";
import { nextRuns } from "@cloud-assistant/shared/schedule/next-run";
import { Refusal, SCHEDULE_ERRORS } from "@cloud-assistant/shared/schedule/refusal";
import { parseSchedule, placeSchedule, type Schedule } from "@cloud-assistant/shared/schedule/schedule";
import { printable } from "cloud-assistant/printable";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { campaign } from "../support/schedules.ts";

const numRuns = campaign ? 100_000 : 2000;
const nowMs = Date.UTC(2027, 0, 1);

/** Pieces of what expressions are made of, so that what comes out is nearly one. */
const piece = fc.oneof(
  fc.constantFrom(
    "*",
    "?",
    ",",
    "-",
    "/",
    "#",
    "L",
    "W",
    "LW",
    "0",
    "1",
    "07",
    "5",
    "59",
    "60",
    "31",
    "2099",
    "2100",
    "99999999999999999999",
    "MON",
    "SUN",
    "JAN",
    "FRI-SUN",
    "*/5",
    "1-5",
    "22-2",
  ),
  fc.constantFrom(
    "rate(",
    "at(",
    ")",
    "5m",
    "7d",
    "2027-02-29",
    "2027-06-06",
    "13:15:30",
    "UTC",
    "GMT",
    "GMT+8:00",
    "GMT-99:99",
    "Asia/Shanghai",
    "Europe/",
    "/",
    "\u0000",
    "\ud800",
    "é",
    "\u00a0",
  ),
  fc.string({ maxLength: 6, unit: "binary" }),
);
const blank = fc.constantFrom(" ", " ", " ", "", "\t", "  ", "\n");
const nearly = fc.array(fc.tuple(piece, blank), { maxLength: 14 }).map((parts) => parts.flat().join(""));
const fields = fc
  .array(
    fc.array(piece, { minLength: 1, maxLength: 3 }).map((parts) => parts.join("")),
    { minLength: 5, maxLength: 9 },
  )
  .map((parts) => parts.join(" "));
const VALID = ["0", "*/20", "1-5", "?", "JAN-MAR", "MON#2", "2027/2", "Europe/Berlin"];
/** A good expression with one character changed, taken away or put in. */
const damaged = fc
  .tuple(fc.nat(), fc.string({ maxLength: 1, unit: "binary" }), fc.boolean())
  .map(([at, character, over]) => {
    const text = VALID.join(" ");
    const place = at % (text.length + 1);
    return text.slice(0, place) + character + text.slice(place + (over ? 1 : 0));
  });

const seen = { refused: 0, taken: 0 };

/** What is wrong with how an expression was answered; undefined when nothing is. */
function complaint(expression: string): string | undefined {
  const schedule = parseSchedule(expression);
  return schedule instanceof Refusal ? complaintOnRefusal(schedule, expression) : complaintOnRuns(schedule);
}

function complaintOnRefusal({ code, position, reason }: Refusal, expression: string): string | undefined {
  seen.refused += 1;
  if (!Object.hasOwn(SCHEDULE_ERRORS, code)) return `undocumented code ${String(code)}`;
  if (!(position >= 1 && position <= expression.length + 1)) return `position ${position}`;
  return reason.length < 400 && printable(reason) === reason ? undefined : `reason ${JSON.stringify(reason)}`;
}

function complaintOnRuns(schedule: Schedule): string | undefined {
  seen.taken += 1;
  const placed = placeSchedule(schedule, { createdMs: nowMs, hostZone: "UTC" });
  if (placed instanceof Refusal) return placed.reason;
  const runs = nextRuns(placed, nowMs, 5);
  return runs.every((run, index) => run > (runs[index - 1] ?? nowMs)) ? undefined : `runs ${runs.join()}`;
}

test(
  "no expression, however malformed, does anything but run or be refused with a documented code",
  { timeout: campaign ? 600_000 : 20_000 },
  () => {
    const any = fc.oneof(nearly, fields, damaged, fc.string({ unit: "binary", maxLength: 60 }));
    fc.assert(
      fc.property(any, (expression) => {
        expect(complaint(expression)).toBeUndefined();
      }),
      { seed: 11, numRuns },
    );
    expect(seen.taken).toBeGreaterThan(numRuns / 200);
    expect(seen.refused).toBeGreaterThan(numRuns / 2);
  },
);

test("the check at the API call answers with its own code alone", { timeout: campaign ? 600_000 : 20_000 }, () => {
  fc.assert(
    fc.property(fc.oneof(nearly, damaged), fc.integer({ min: 1, max: 86_400 }), (frequency, timeoutSeconds) => {
      const answer = checkFrequency(frequency, { nowMs, timeoutSeconds, repeatMode: undefined });
      expect(answer.ok || answer.code).toSatisfy((value) => value === true || value === "InvalidParam.Frequency");
    }),
    { seed: 12, numRuns: numRuns / 10 },
  );
});
