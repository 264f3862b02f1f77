import type { Aged, RetentionStore } from "../../retention-store.ts";
import type { Db } from "../database.ts";
import type { Writer } from "../writer.ts";
import type { Counts } from "./counts.ts";
import type { TagRows } from "./tags.ts";

type Row = { seq: number; createdMs: number; updatedMs: number | null; runs: number; open: number | null };

export function createRetention(db: Db, { write }: Writer, counts: Counts, tagRows: TagRows): RetentionStore {
  const countRuns = db
    .prepare<[], number>("SELECT coalesce(sum(total), 0) FROM totals WHERE counted IN ('runs', 'past runs')")
    .pluck();
  const listOldest = db.prepare<[number, number], Row>(
    `SELECT i.seq, i.created_ms AS createdMs, max(r.updated_ms) AS updatedMs, count(r.seq) AS runs, max(r.phase <> 'over') AS open
      FROM invocations AS i LEFT JOIN runs AS r ON r.invoke_id = i.invoke_id WHERE i.seq > ? GROUP BY i.seq ORDER BY i.seq LIMIT ?`,
  );
  const find = db.prepare<[number], { invokeId: string; accountId: string; regionId: string }>(
    "SELECT invoke_id AS invokeId, account_id AS accountId, region_id AS regionId FROM invocations WHERE seq = ?",
  );
  const isOpen = db
    .prepare<[string], number>("SELECT 1 FROM runs WHERE invoke_id = ? AND phase <> 'over' LIMIT 1")
    .pluck();
  const noteRuns = db.prepare<[string]>("INSERT INTO removed_runs SELECT seq FROM runs WHERE invoke_id = ?");
  const listPast = db.prepare<[number, number], { seq: number; accountId: string; regionId: string }>(
    `SELECT r.seq, i.account_id AS accountId, i.region_id AS regionId FROM runs AS r INDEXED BY runs_past
      CROSS JOIN invocations AS i ON i.seq = r.invocation_seq
      WHERE r.latest = 0 AND r.created_ms < ? AND r.phase = 'over' ORDER BY r.created_ms LIMIT ?`,
  );
  const noteRun = db.prepare<[number]>("INSERT INTO removed_runs VALUES (?)");
  const removeRun = db.prepare<[number]>("DELETE FROM runs WHERE seq = ?");
  const listHosts = db
    .prepare<[number], string>("SELECT instance_id FROM runs WHERE invocation_seq = ? AND latest = 1")
    .pluck();
  const removeRuns = db.prepare<[string]>("DELETE FROM runs WHERE invoke_id = ?");
  const removeInvocation = db.prepare<[number]>("DELETE FROM invocations WHERE seq = ?");

  const nextRemoved = db.prepare<[], number>("SELECT run_seq FROM removed_runs LIMIT 1").pluck();
  const removePieces = db.prepare<[number, number]>(
    "DELETE FROM output_pieces WHERE rowid IN (SELECT rowid FROM output_pieces WHERE run_seq = ? LIMIT ?)",
  );
  const removeNote = db.prepare<[number]>("DELETE FROM removed_runs WHERE run_seq = ?");
  const removeDays = db.prepare<[string]>("DELETE FROM totals WHERE counted >= 'invocations of ' AND counted < ?");

  const remove = (seq: number): boolean => {
    const row = find.get(seq);
    if (!row || isOpen.get(row.invokeId) !== undefined) return false;
    const hosts = listHosts.all(seq);
    noteRuns.run(row.invokeId);
    const { changes } = removeRuns.run(row.invokeId);
    counts.created("past runs", row, hosts.length - changes);
    counts.tagged(row, tagRows.listOf("invocation", seq), -1, -hosts.length);
    counts.invocationRemoved(seq, hosts);
    tagRows.removeAll("invocation", seq);
    removeInvocation.run(seq);
    return true;
  };

  return {
    countRuns: async () => countRuns.get() ?? 0,
    listOldest: async (afterSeq, limit) => listOldest.all(afterSeq, limit).map(toAged),
    removeInvocations: (seqs) => write(() => seqs.filter(remove).length),
    removePastRuns: (createdBeforeMs, limit) =>
      write(() => {
        const past = listPast.all(createdBeforeMs, limit);
        for (const { seq, ...scope } of past) {
          noteRun.run(seq);
          removeRun.run(seq);
          counts.created("past runs", scope, -1);
        }
        return past.length;
      }),
    removeOutput: async (pieces) => {
      if (nextRemoved.get() === undefined) return false; // no transaction for nothing
      return write(() => {
        let left = pieces;
        for (let runSeq = nextRemoved.get(); runSeq !== undefined && left > 0; runSeq = nextRemoved.get()) {
          const { changes } = removePieces.run(runSeq, left);
          if (changes < left) removeNote.run(runSeq); // it had no more
          left -= changes + 1; // a run without output costs something too
        }
        return true;
      });
    },
    removeDaysBefore: (day) => write(() => void removeDays.run(`invocations of ${day}`)),
  };
}

function toAged({ seq, createdMs, updatedMs, runs, open }: Row): Aged {
  return { seq, createdMs, updatedMs: updatedMs ?? createdMs, runs, open: open === 1 };
}
