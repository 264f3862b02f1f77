import { REPEATING_MODES } from "../../../domain/repeat.ts";
import type { InvocationFilter } from "../../store.ts";
import { type Condition, equals, isOneOf } from "./listing.ts";

/**
 * How a list goes through invocations, newest first: along the index of what is likely to narrow most, so that a page costs
 * what it shows, however many rows there are. `INDEXED BY` and `CROSS JOIN` hold the planner to it, which knows no figures.
 */
export type Walk = {
  /** Has the invocation as `i`. */
  readonly from: string;
  /** Columns of its position, and of the run's where runs are listed. */
  readonly order: readonly string[];
  readonly conditions: readonly Condition[];
  /** Where counting has a shorter way. */
  readonly countFrom?: string;
};

/** One thing that is asked for: the way along its index, where there is one, or a condition beside another's. */
type Criterion = { readonly along?: Walk; readonly beside: readonly Condition[] };

export function toWalk(filter: InvocationFilter): Walk {
  const scope = equals({ "i.account_id": filter.accountId, "i.region_id": filter.regionId });
  const criteria = toCriteria(filter);
  const first = criteria.find(({ along }) => along !== undefined);
  const { conditions, ...way } = first?.along ?? alongIndex("invocations_by_account", []);
  const others = criteria.filter((criterion) => criterion !== first).flatMap(({ beside }) => beside);
  return { ...way, conditions: [...conditions, ...scope, ...others] };
}

function toCriteria(filter: InvocationFilter): Criterion[] {
  const {
    invokeId,
    commandId,
    commandName,
    commandType,
    instanceId,
    invokeStatus,
    repeatMode,
    resourceGroupIds,
    timed,
  } = filter;
  return [
    ...given(invokeId, (value) => byColumn("sqlite_autoindex_invocations_1", equals({ "i.invoke_id": value }))),
    ...given(commandId, (value) => byColumn("invocations_by_command", equals({ "i.command_id": value }))),
    ...given(instanceId, byInstance),
    ...filter.tags.map(byTag),
    // the second half lets the index serve, which leaves the unnamed out
    ...given(commandName, (value) =>
      byColumn("invocations_by_name", [{ sql: "i.name = ? AND i.name <> ''", values: [value] }]),
    ),
    ...given(repeatMode, byRepeatMode),
    ...given(timed, byTimed),
    ...given(invokeStatus, byStatus),
    ...given(commandType, (value) => byColumn("invocations_by_type", equals({ "i.command_type": value }))),
    ...given(resourceGroupIds, byGroups),
  ];
}

function given<T>(value: T | undefined, toCriterion: (value: T) => Criterion): Criterion[] {
  return value === undefined ? [] : [toCriterion(value)];
}

function alongIndex(index: string, conditions: readonly Condition[]): Walk {
  return { from: `invocations AS i INDEXED BY ${index}`, order: ["i.seq"], conditions };
}

function byColumn(index: string, conditions: readonly Condition[]): Criterion {
  return { along: alongIndex(index, conditions), beside: conditions };
}

/** The default group has two spellings, and two parts of an index are not in order: that one, where most are, is filtered. */
function byGroups(groups: readonly string[]): Criterion {
  const [group = "", ...more] = groups;
  if (more.length === 0) return byColumn("invocations_by_resource_group", equals({ "i.resource_group_id": group }));
  const conditions = [isOneOf("i.resource_group_id", groups)];
  const { from: countFrom } = alongIndex("invocations_by_resource_group", []);
  return { along: { ...alongIndex("invocations_by_account", conditions), countFrom }, beside: conditions };
}

/** Along `r`, the latest run on the host. */
function byInstance(instanceId: string): Criterion {
  return {
    along: {
      from: "runs AS r INDEXED BY runs_latest_of_instance CROSS JOIN invocations AS i ON i.seq = r.invocation_seq",
      order: ["r.invocation_seq"],
      conditions: [{ sql: "r.instance_id = ? AND r.latest = 1", values: [instanceId] }],
    },
    beside: [
      {
        sql: "EXISTS (SELECT 1 FROM runs AS x WHERE x.instance_id = ? AND x.invocation_seq = i.seq AND x.latest = 1)",
        values: [instanceId],
      },
    ],
  };
}

function byTag({ key, value }: { readonly key: string; readonly value: string }): Criterion {
  return {
    along: {
      from: "tags AS t INDEXED BY tags_by_value CROSS JOIN invocations AS i ON i.seq = t.owner_seq",
      order: ["t.owner_seq"],
      conditions: [{ sql: "t.owner = 'invocation' AND t.key = ? AND t.value = ?", values: [key, value] }],
    },
    beside: [
      {
        sql: "EXISTS (SELECT 1 FROM tags AS x WHERE x.owner = 'invocation' AND x.owner_seq = i.seq AND x.key = ? AND x.value = ?)",
        values: [key, value],
      },
    ],
  };
}

/** Most are `Once`, which has no index of its own. */
function byRepeatMode(repeatMode: string): Criterion {
  const beside = equals({ "i.repeat_mode": repeatMode });
  if (repeatMode === "Once") return { beside };
  return byColumn("invocations_repeating", [...beside, { sql: "i.repeat_mode <> 'Once'", values: [] }]);
}

/** `Timed` (api-facts 1.4): repeating, and neither stopped nor over. */
function byTimed(timed: boolean): Criterion {
  const modes = REPEATING_MODES.map((mode) => `'${mode}'`).join(", ");
  const goesOn = `i.repeat_mode IN (${modes}) AND EXISTS (SELECT 1 FROM invocation_progress AS x
    WHERE x.invocation_seq = i.seq AND x.status IN ('Pending', 'Scheduled', 'Running'))`;
  if (!timed) return { beside: [{ sql: `NOT (${goesOn})`, values: [] }] };
  return byColumn("invocations_repeating", [{ sql: `i.repeat_mode <> 'Once' AND ${goesOn}`, values: [] }]);
}

/** The words of `InvokeStatus` (api-facts 2.3) mean what that field says; the others the newer `InvocationStatus` (2.2). */
const LEGACY_WORDS = ["Running", "Finished", "Failed", "PartialFailed", "Stopped", "Stopping"];

export function isLegacyWord(invokeStatus: string): boolean {
  return LEGACY_WORDS.includes(invokeStatus);
}

function byStatus(invokeStatus: string): Criterion {
  const column = isLegacyWord(invokeStatus) ? "legacy_status" : "status";
  return {
    along: {
      from: `invocation_progress AS p INDEXED BY invocation_progress_by_${column} CROSS JOIN invocations AS i ON i.seq = p.invocation_seq`,
      order: ["p.invocation_seq"],
      conditions: [{ sql: `p.${column} = ?`, values: [invokeStatus] }],
    },
    beside: [
      {
        sql: `EXISTS (SELECT 1 FROM invocation_progress AS x WHERE x.invocation_seq = i.seq AND x.${column} = ?)`,
        values: [invokeStatus],
      },
    ],
  };
}
