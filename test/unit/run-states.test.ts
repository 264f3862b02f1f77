import { readFileSync } from "node:fs";
import { nextRun, type Run, type RunEvent } from "@cloud-assistant/control-plane/domain/run";
import type { RunEnd } from "@cloud-assistant/shared/protocol/run-end";
import { FINAL_RUN_STATUSES } from "@cloud-assistant/shared/vocabulary";
import { expect, test } from "vitest";

/** `from --> to: event (condition)` of the picture, the choice `Ended` resolved into what the host said. */
function readArrows(): Set<string> {
  const page = readFileSync(new URL("../../docs/states.md", import.meta.url), "utf8");
  const picture = /## A run[\s\S]*?```mermaid\n([\s\S]*?)```/.exec(page)?.[1] ?? "";
  const drawn = [...picture.matchAll(/^ {2}(\w+) --> (\w+): (.+)$/gm)].map(([, from = "", to = "", label = ""]) => ({
    from,
    to,
    label,
  }));
  const ends = drawn.filter(({ from }) => from === "Ended");
  return new Set(
    drawn
      .filter(({ from }) => from !== "Ended")
      .flatMap(({ from, to, label }) =>
        to === "Ended"
          ? ends
              .filter((end) => isPossible(from, end.label))
              .map((end) => `${from} --> ${end.to}: ${withoutCondition(end.label)}`)
          : [`${from} --> ${to}: ${withoutCondition(label)}`],
      ),
  );
}

const isStopping = (state: string): boolean => state === "Stopping" || state === "StoppingEarly";
const withoutCondition = (label: string): string => label.replace(/ \(.*\)$/, "");

/** "refused expired" ends a stopping run in one way and any other in the other. */
function isPossible(from: string, label: string): boolean {
  return !label.startsWith("refused expired") || label.includes("a stop was asked") === isStopping(from);
}

function stateOf(run: Run): string {
  if (run.status === "Pending") return run.sentMs === undefined ? "Unsent" : "Sent";
  return run.status === "Stopping" && run.startedMs === undefined ? "StoppingEarly" : run.status;
}

function labelOf(event: RunEvent): string {
  if (event.type !== "ended") return event.type;
  const { end } = event;
  if (end.how === "exited") return end.exitCode === 0 ? "exited 0" : "exited with another code";
  return end.how === "refused" ? `refused ${end.reason}` : end.how;
}

const OPEN_RUNS: readonly Run[] = [
  { status: "Pending", deadlineMs: 60 },
  { status: "Pending", deadlineMs: 60, sentMs: 1 },
  { status: "Running", startedMs: 2, sentMs: 1 },
  { status: "Stopping", stopMs: 3, sentMs: 1 },
  { status: "Stopping", stopMs: 3, startedMs: 2, sentMs: 1 },
];
const FINAL_RUNS: readonly Run[] = FINAL_RUN_STATUSES.map((status) => ({
  status,
  errorCode: "",
  errorInfo: "",
  finishedMs: 9,
}));
const ran = { startedMs: 2, finishedMs: 9 };
const broken = { errorCode: "x", errorInfo: "x" };
const ENDS: readonly RunEnd[] = [
  { how: "exited", exitCode: 0, ...ran },
  { how: "exited", exitCode: 1, ...ran },
  { how: "timedOut", ...ran },
  { how: "stopped", ...ran },
  { how: "invalid", ...broken },
  { how: "refused", reason: "cancelled" },
  { how: "refused", reason: "expired" },
  { how: "failed", ...broken },
];
const EVENTS: readonly RunEvent[] = [
  { type: "sent", atMs: 60 },
  { type: "unsent" },
  { type: "started", atMs: 60 },
  { type: "stopAsked", atMs: 60 },
  { type: "tick", atMs: 60 },
  { type: "deregistered", atMs: 60 },
  { type: "outcomeUnknown", atMs: 60, errorInfo: "outcome unknown: x" },
  ...ENDS.map((end) => ({ type: "ended", atMs: 60, end }) as const),
];

test("the picture of a run shows what `nextRun` does, and nothing else", () => {
  const happens = [...OPEN_RUNS, ...FINAL_RUNS].flatMap((run) =>
    EVENTS.map((event) => ({ from: stateOf(run), to: stateOf(nextRun(run, event)), label: labelOf(event) })),
  );
  const moves = happens
    .filter(({ from, to }) => from !== to)
    .map(({ from, to, label }) => `${from} --> ${to}: ${label}`);
  expect(new Set(moves)).toEqual(readArrows());
});
