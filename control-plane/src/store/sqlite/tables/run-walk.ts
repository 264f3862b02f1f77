import type { RunStatus } from "@cloud-assistant/shared/vocabulary";
import type { RunFilter } from "../../store.ts";
import { type Condition, equals, isOneOf } from "./listing.ts";
import { asksOnly } from "./known-totals.ts";
import { toWalk, type Walk } from "./walk.ts";

/** Indexes of a part of the runs, for who asks for nothing but statuses. Each condition is the one its index was made with. */
const BY_STATUS: readonly {
  readonly index: string;
  readonly statuses: readonly RunStatus[];
  readonly condition: string;
}[] = [
  {
    index: "runs_gone_wrong",
    statuses: ["Timeout", "Invalid", "Aborted", "Error"],
    condition: "r.latest = 1 AND r.status IN ('Timeout', 'Invalid', 'Aborted', 'Error')",
  },
  {
    index: "runs_stopped",
    statuses: ["Cancelled", "Terminated"],
    condition: "r.latest = 1 AND r.status IN ('Cancelled', 'Terminated')",
  },
  {
    index: "runs_open",
    statuses: ["Pending", "Scheduled", "Running", "Stopping"],
    condition: "r.latest = 1 AND r.phase <> 'over'",
  },
];

/** As `toWalk`, with the run as `r`: the latest of each host or, where the history is asked for, all. */
export function toRunWalk(filter: RunFilter): Walk {
  const { statuses, history = false, ...asked } = filter;
  const wanted: Condition[] = statuses === undefined ? [] : [isOneOf("r.status", statuses)];
  const part =
    asksOnly(filter, "statuses") &&
    BY_STATUS.find((entry) => statuses?.every((status) => entry.statuses.includes(status)));
  if (part) {
    const scope = equals({ "i.account_id": filter.accountId, "i.region_id": filter.regionId });
    return {
      from: `runs AS r INDEXED BY ${part.index} CROSS JOIN invocations AS i ON i.seq = r.invocation_seq`,
      order: ["r.invocation_seq", "r.seq"],
      conditions: [{ sql: part.condition, values: [] }, ...wanted, ...scope],
    };
  }
  const { instanceId, ...ofInvocation } = asked;
  const byInstance = instanceId !== undefined && filter.invokeId === undefined && filter.commandId === undefined;
  if (byInstance) {
    const walk = toWalk(asked); // along the latest runs of the host, one an invocation
    return { ...walk, conditions: [...walk.conditions, ...wanted] };
  }
  const { from, order, conditions } = toWalk(ofInvocation);
  const runs = history
    ? "runs AS r ON r.invoke_id = i.invoke_id"
    : "runs AS r INDEXED BY runs_latest_of_invocation ON r.invocation_seq = i.seq AND r.latest = 1";
  return {
    from: `${from} CROSS JOIN ${runs}`,
    order: [...order, "r.seq"],
    conditions: [...conditions, ...equals({ "r.instance_id": instanceId }), ...wanted],
  };
}
