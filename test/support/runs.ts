import type { Run, RunEvent } from "@cloud-assistant/control-plane/domain/run";
import type { RunEnd } from "@cloud-assistant/shared/protocol/run-end";
import * as fc from "fast-check";

const atMs = fc.integer({ min: 0, max: 1_000 });
const kill = fc.record({
  means: fc.constantFrom("cgroup", "marker", "process"),
  killed: fc.nat(9),
  left: fc.nat(2),
});
const ran = { startedMs: atMs, finishedMs: atMs };
const exitCode = fc.integer({ min: 0, max: 255 });

/** Every way a run can end in the agent's words. */
export const anyEnd: fc.Arbitrary<RunEnd> = fc.oneof(
  fc.record({ how: fc.constant("exited" as const), exitCode: fc.oneof(fc.constant(0), exitCode), ...ran }),
  fc.record(
    { how: fc.constantFrom("timedOut" as const, "stopped" as const), exitCode, kill, ...ran },
    { requiredKeys: ["how", "startedMs", "finishedMs"] },
  ),
  fc.record({
    how: fc.constant("invalid" as const),
    errorCode: fc.constant("AccountNotExists"),
    errorInfo: fc.constant("x"),
  }),
  fc.record({
    how: fc.constant("refused" as const),
    reason: fc.constantFrom("expired" as const, "cancelled" as const),
  }),
  fc.record(
    {
      how: fc.constant("failed" as const),
      errorCode: fc.constant("ExecutionException"),
      errorInfo: fc.constant("x"),
      kill,
      ...ran,
    },
    { requiredKeys: ["how", "errorCode", "errorInfo"] },
  ),
);

export const anyEnded = fc.record({ type: fc.constant("ended" as const), atMs, end: anyEnd });
export const anyEvent: fc.Arbitrary<RunEvent> = fc.oneof(
  fc.record({
    type: fc.constantFrom("sent" as const, "started" as const, "stopAsked" as const, "tick" as const),
    atMs,
  }),
  fc.constant({ type: "unsent" as const }),
  anyEnded,
  fc.record({ type: fc.constant("outcomeUnknown" as const), atMs, errorInfo: fc.constant("outcome unknown: x") }),
);

/** As `invocations.create` makes it. */
export const anyNewRun: fc.Arbitrary<Run> = fc.record(
  { status: fc.constant("Pending" as const), deadlineMs: atMs, sentMs: atMs },
  { requiredKeys: ["status", "deadlineMs"] },
);
