import { isFinalRun, nextRun, type Run, type RunEvent } from "@cloud-assistant/control-plane/domain/run";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { anyEnded, anyEvent, anyNewRun } from "../support/runs.ts";

const walk = (run: Run, events: readonly RunEvent[]): Run => events.reduce(nextRun, run);
const anyRun = fc.tuple(anyNewRun, fc.array(anyEvent, { maxLength: 6 })).map(([run, events]) => walk(run, events));

test("after `ended` every run is final, even if `started` was lost", () => {
  fc.assert(
    fc.property(anyRun, anyEnded, (run, ended) => {
      expect(isFinalRun(nextRun(run, ended))).toBe(true);
    }),
  );
});

test("a final state is never left, and stays the same object", () => {
  fc.assert(
    fc.property(anyRun.filter(isFinalRun), anyEvent, (run, event) => {
      expect(nextRun(run, event)).toBe(run);
    }),
  );
});

test("the same event twice is the same as once, and the second time nothing is to be written", () => {
  fc.assert(
    fc.property(anyRun, anyEvent, (run, event) => {
      const once = nextRun(run, event);
      expect(nextRun(once, event)).toBe(once);
    }),
  );
});

test("what is a new object is a change", () => {
  fc.assert(
    fc.property(anyRun, anyEvent, (run, event) => {
      const next = nextRun(run, event);
      expect(next !== run && JSON.stringify(next) === JSON.stringify(run)).toBe(false);
    }),
  );
});

test("an order that has left is Aborted or Cancelled by nothing but the host's word", () => {
  const notTheHost = anyEvent.filter(({ type }) => type !== "ended" && type !== "unsent");
  const sentRun = anyNewRun.map((run) => nextRun(run, { type: "sent", atMs: 0 }));
  fc.assert(
    fc.property(sentRun, fc.array(notTheHost), (run, events) => {
      expect(["Aborted", "Cancelled"]).not.toContain(walk(run, events).status);
    }),
  );
});

test("a run that never ran has no start time, and one that was stopped keeps when", () => {
  const neverRan = anyEnded.filter(({ end }) => end.how === "refused" || end.how === "invalid");
  fc.assert(
    fc.property(
      anyRun.filter((run) => !isFinalRun(run)),
      neverRan,
      (run, event) => {
        expect(nextRun(run, event)).not.toHaveProperty("startedMs");
      },
    ),
  );
  fc.assert(
    fc.property(
      anyRun.filter(({ status }) => status === "Stopping"),
      anyEnded,
      (run, event) => {
        expect(nextRun(run, event)).toMatchObject({ stopMs: "stopMs" in run ? run.stopMs : undefined });
      },
    ),
  );
});

const unsent: Run = { status: "Pending", deadlineMs: 60 };
const sent: Run = { status: "Pending", deadlineMs: 60, sentMs: 1 };
const stopping: Run = { status: "Stopping", stopMs: 5, sentMs: 1 };

test("a run that was not sent is Aborted at its deadline, not before", () => {
  expect(nextRun(unsent, { type: "tick", atMs: 59 })).toBe(unsent);
  expect(nextRun(unsent, { type: "tick", atMs: 60 })).toEqual({
    status: "Aborted",
    errorCode: "DeliveryTimeout",
    errorInfo: "the command delivery has been timeout",
    finishedMs: 60,
  });
  expect(nextRun(sent, { type: "tick", atMs: 1_000 })).toBe(sent);
});

test("a stop cancels what was not sent, and waits for the host's word otherwise", () => {
  expect(nextRun(unsent, { type: "stopAsked", atMs: 5 })).toMatchObject({ status: "Cancelled", stopMs: 5 });
  expect(nextRun(sent, { type: "stopAsked", atMs: 5 })).toEqual(stopping);
});

test("a refusal while stopping is Cancelled, whatever the host gives as reason", () => {
  for (const reason of ["expired", "cancelled"] as const) {
    const end = { how: "refused", reason } as const;
    expect(nextRun(stopping, { type: "ended", atMs: 9, end })).toMatchObject({
      status: "Cancelled",
      stopMs: 5,
      finishedMs: 9,
    });
  }
  expect(nextRun(sent, { type: "ended", atMs: 9, end: { how: "refused", reason: "expired" } }).status).toBe("Aborted");
});

test("an order that never left waits again; stopped meanwhile it is Cancelled", () => {
  expect(nextRun(sent, { type: "unsent" })).toEqual(unsent);
  expect(nextRun(stopping, { type: "unsent" })).toMatchObject({ status: "Cancelled", stopMs: 5, finishedMs: 5 });
});

test("what was killed and what is left is told", () => {
  const kill = { means: "cgroup", killed: 3, left: 0 } as const;
  const end = { how: "timedOut", kill, startedMs: 2, finishedMs: 4 } as const;
  expect(nextRun(sent, { type: "ended", atMs: 9, end })).toMatchObject({
    status: "Timeout",
    errorInfo: "the command execution has been timeout (killed 3, left 0, by cgroup)",
    kill,
  });
});
