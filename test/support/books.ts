import { overallStatus } from "@cloud-assistant/control-plane/domain/invocation-status";
import type { RunStatus } from "@cloud-assistant/shared/vocabulary";
import Database from "better-sqlite3";

const COUNTED = {
  invocations: "invocations",
  runs: "runs JOIN invocations USING (invoke_id) WHERE latest = 1",
  "past runs": "runs JOIN invocations USING (invoke_id) WHERE latest = 0",
  commands: "commands",
  activations: "activations",
  instances: "instances WHERE deregistered_ms IS NULL",
};

/** Where what the database keeps about many rows is not what the rows say: totals, progress, active runs, runs of nobody. */
export function findImbalances(databaseFile: string): unknown[] {
  const db = new Database(databaseFile, { readonly: true });
  try {
    const orphans = db
      .prepare("SELECT invoke_id, instance_id FROM runs WHERE invoke_id NOT IN (SELECT invoke_id FROM invocations)")
      .all();
    const active = db
      .prepare(
        `SELECT instance_id, active_count, listed_count FROM instance_counts AS c WHERE active_count <> (SELECT count(*) FROM runs AS r
          WHERE r.instance_id = c.instance_id AND r.status IN ('Running', 'Stopping'))
          OR listed_count <> (SELECT count(*) FROM runs AS r WHERE r.instance_id = c.instance_id AND r.latest = 1)`,
      )
      .all();
    return [...findTotals(db), ...findGroupTotals(db), ...findProgress(db), ...orphans, ...active];
  } finally {
    db.close();
  }
}

/** Of every account and region. */
function findTotals(db: Database.Database): object[] {
  const kept = db.prepare<[string]>(
    "SELECT account_id, region_id, total FROM totals WHERE counted = ? AND total <> 0 ORDER BY 1, 2",
  );
  return Object.entries(COUNTED)
    .map(([counted, from]) => ({
      counted,
      kept: kept.all(counted),
      there: db
        .prepare(`SELECT account_id, region_id, count(*) AS total FROM ${from} GROUP BY 1, 2 ORDER BY 1, 2`)
        .all(),
    }))
    .filter(({ kept: totals, there }) => JSON.stringify(totals) !== JSON.stringify(there));
}

const GROUPS = `
  SELECT 'invocations in ' || p.status AS counted, p.invocation_seq AS seq FROM invocation_progress AS p
  UNION ALL SELECT 'invocations shown as ' || p.legacy_status, p.invocation_seq FROM invocation_progress AS p
  UNION ALL SELECT 'runs in ' || r.status, r.invocation_seq FROM runs AS r WHERE r.latest = 1
  UNION ALL SELECT 'invocations tagged ' || json_array(t.key, t.value), t.owner_seq FROM tags AS t WHERE t.owner = 'invocation'
  UNION ALL SELECT 'runs tagged ' || json_array(t.key, t.value), t.owner_seq FROM tags AS t JOIN runs AS r ON r.invocation_seq = t.owner_seq
    WHERE t.owner = 'invocation' AND r.latest = 1`;

/** Counters by status and tag, each against its rows; a counter at 0 is not kept. */
function findGroupTotals(db: Database.Database): unknown[] {
  const there = `SELECT g.counted, i.account_id, i.region_id, count(*) AS total FROM (${GROUPS}) AS g
    JOIN invocations AS i ON i.seq = g.seq GROUP BY 1, 2, 3`;
  const kept =
    "SELECT counted, account_id, region_id, total FROM totals WHERE counted GLOB '* in *' OR counted GLOB '* shown as *' OR counted GLOB '* tagged *'";
  return [...db.prepare(`${there} EXCEPT ${kept}`).all(), ...db.prepare(`${kept} EXCEPT ${there}`).all()];
}

function findProgress(db: Database.Database): object[] {
  const statuses = db.prepare<[number], { status: RunStatus; runs: number }>(
    "SELECT status, count(*) AS runs FROM runs WHERE invocation_seq = ? AND latest = 1 GROUP BY status ORDER BY status",
  );
  const progress = db.prepare<[], { seq: number; status: string; runsIn: string }>(
    "SELECT invocation_seq AS seq, status, runs_in AS runsIn FROM invocation_progress",
  );
  return progress
    .all()
    .map(({ seq, ...kept }) => ({ seq, kept, there: statuses.all(seq) }))
    .filter(({ kept, there }) => {
      const runsIn = Object.entries(JSON.parse(kept.runsIn) as object).toSorted(([a], [b]) => (a < b ? -1 : 1));
      const same = JSON.stringify(runsIn) === JSON.stringify(there.map(({ status, runs }) => [status, runs]));
      return !same || kept.status !== overallStatus(there.map(({ status }) => status));
    });
}
