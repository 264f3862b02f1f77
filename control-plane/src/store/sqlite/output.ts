import type { OutputStore, OutputView, RunRef } from "../store.ts";
import type { GroupCommit } from "./group-commit.ts";
import type { Row, Statements } from "./statements.ts";

type OutputRun = { seq: number; outputBytes: number; storedBytes: number };

/**
 * Output in pieces as they came, by offset. Within a run's bound the first quarter is kept for good; beyond it the oldest
 * piece after that gives way to the newest, so that head and tail are always there and what is missing is known exactly.
 */
export function outputStore(sql: Statements, writes: GroupCommit, maxBytes: number): OutputStore {
  const headBytes = Math.floor(maxBytes / 4);

  const append = (ref: RunRef, offset: number, bytes: Uint8Array): number | undefined => {
    const run = findOutputRun(sql, ref);
    if (!run || run.outputBytes !== offset || bytes.length === 0) return run?.outputBytes;
    sql.run("INSERT INTO output (run_seq, offset, bytes) VALUES (?, ?, ?)", run.seq, offset, bytes);
    const stored = dropMiddle(sql, run.seq, run.storedBytes + bytes.length, maxBytes, headBytes);
    sql.run("UPDATE runs SET output_bytes = ?, stored_bytes = ? WHERE seq = ?", offset + bytes.length, stored, run.seq);
    return offset + bytes.length;
  };

  return {
    append: (ref, offset, bytes) => writes.commit(() => append(ref, offset, bytes)),
    appendGap: (ref, from, to) =>
      writes.commit(() => {
        const run = findOutputRun(sql, ref);
        if (!run || run.outputBytes !== from || to <= from) return run?.outputBytes;
        sql.run("UPDATE runs SET output_bytes = ? WHERE seq = ?", to, run.seq);
        return to;
      }),
    view: async (ref, head, tail) => viewOf(sql, ref, head, tail),
    read: async (ref, offset, limit) => {
      const run = findOutputRun(sql, ref);
      if (!run || offset >= run.outputBytes) return { bytes: new Uint8Array(), outputBytes: run?.outputBytes ?? 0 };
      const piece = readFrom(sql, run, offset, limit);
      return { ...piece, outputBytes: run.outputBytes };
    },
  };
}

function findOutputRun(sql: Statements, { invokeId, instanceId, iteration }: RunRef): OutputRun | undefined {
  return sql.row<OutputRun>(
    `SELECT seq, output_bytes AS outputBytes, stored_bytes AS storedBytes FROM runs
      WHERE invoke_id = ? AND instance_id = ? AND iteration = ?`,
    invokeId,
    instanceId,
    iteration,
  );
}

/** @returns the bytes stored afterwards. */
function dropMiddle(sql: Statements, runSeq: number, storedBytes: number, maxBytes: number, headBytes: number): number {
  let stored = storedBytes;
  while (stored > maxBytes) {
    const oldest = sql.row<{ id: number; bytes: number }>(
      `SELECT id, length(bytes) AS bytes FROM output WHERE run_seq = ? AND offset >= ? ORDER BY offset LIMIT 1`,
      runSeq,
      headBytes,
    );
    if (!oldest) return stored;
    sql.run("DELETE FROM output WHERE id = ?", oldest.id);
    stored -= oldest.bytes;
  }
  return stored;
}

/** Contiguous pieces from `offset` on, until `limit` bytes are together or a gap begins. */
function readFrom(sql: Statements, run: OutputRun, offset: number, limit: number): { bytes: Uint8Array; gapTo?: number } {
  const rows = sql.rows<Row>(
    `SELECT offset, bytes FROM output WHERE run_seq = ?
        AND offset >= coalesce((SELECT max(offset) FROM output WHERE run_seq = ? AND offset <= ?), 0)
      ORDER BY offset LIMIT ?`,
    run.seq,
    run.seq,
    offset,
    64,
  );
  const pieces: Uint8Array[] = [];
  let at = offset;
  let nextStored = run.outputBytes;
  for (const row of rows) {
    const from = Number(row["offset"]);
    const bytes = row["bytes"] as Uint8Array;
    if (from + bytes.length <= at) continue;
    if (from > at) {
      nextStored = from;
      break;
    }
    pieces.push(bytes.subarray(at - from));
    at = from + bytes.length;
    if (at - offset >= limit) break;
  }
  if (pieces.length === 0) return { bytes: new Uint8Array(), gapTo: nextStored };
  return { bytes: pieces.length === 1 && pieces[0] ? pieces[0] : Buffer.concat(pieces) };
}

function viewOf(sql: Statements, ref: RunRef, headBytes: number, tailBytes: number): OutputView {
  const run = findOutputRun(sql, ref);
  if (!run) return { head: new Uint8Array(), tail: new Uint8Array(), outputBytes: 0 };
  const { outputBytes } = run;
  if (outputBytes <= headBytes + tailBytes) {
    return { head: range(sql, run, 0, outputBytes), tail: new Uint8Array(), outputBytes };
  }
  return { head: range(sql, run, 0, headBytes), tail: range(sql, run, outputBytes - tailBytes, outputBytes), outputBytes };
}

/** What is stored of the bytes `from`..`to`, in order, gaps left out. */
function range(sql: Statements, run: OutputRun, from: number, to: number): Uint8Array {
  const pieces: Uint8Array[] = [];
  for (let at = from; at < to; ) {
    const { bytes, gapTo } = readFrom(sql, run, at, to - at);
    if (bytes.length === 0 && gapTo === undefined) break;
    pieces.push(bytes.subarray(0, to - at));
    at = gapTo ?? at + bytes.length;
  }
  return Buffer.concat(pieces);
}
