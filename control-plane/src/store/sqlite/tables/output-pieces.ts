import type { Db } from "../database.ts";

/** Where a piece lies in the output of its run: bytes `start` to `start + length`. */
export type Extent = { readonly start: number; readonly length: number };
export type Piece = Extent & { readonly bytes: Buffer };

export type OutputPieces = ReturnType<typeof createOutputPieces>;

export function createOutputPieces(db: Db) {
  const insert = db.prepare<[number, number, number, Uint8Array]>(
    "INSERT INTO output_pieces (run_seq, start, length, bytes) VALUES (?, ?, ?, ?)",
  );
  // `||` joins the bytes as they are, whatever they mean as text
  const extend = db.prepare<[Uint8Array, number, number, number]>(
    "UPDATE output_pieces SET bytes = CAST(bytes || ? AS BLOB), length = length + ? WHERE run_seq = ? AND start = ?",
  );
  const remove = db.prepare<[number, number]>("DELETE FROM output_pieces WHERE run_seq = ? AND start = ?");
  // served by the index alone, without a look at the bytes
  const selectAfter = db.prepare<[number, number], Extent>(
    "SELECT start, length FROM output_pieces WHERE run_seq = ? AND start >= ? ORDER BY start LIMIT 1",
  );
  const selectAt = db.prepare<[number, number], Extent>(
    "SELECT start, length FROM output_pieces WHERE run_seq = ? AND start <= ? ORDER BY start DESC LIMIT 1",
  );
  const ascending = db.prepare<[number, number], Piece>(
    "SELECT start, length, bytes FROM output_pieces WHERE run_seq = ? AND start >= ? ORDER BY start",
  );
  const descending = db.prepare<[number, number], Piece>(
    "SELECT start, length, bytes FROM output_pieces WHERE run_seq = ? AND start >= ? ORDER BY start DESC",
  );
  return {
    insert: (runSeq: number, start: number, bytes: Uint8Array): void =>
      void insert.run(runSeq, start, bytes.length, bytes),
    extend: (runSeq: number, start: number, bytes: Uint8Array): void =>
      void extend.run(bytes, bytes.length, runSeq, start),
    remove: (runSeq: number, start: number): void => void remove.run(runSeq, start),
    /** The first piece that begins at `start` or after it. */
    findFrom: (runSeq: number, start: number): Extent | undefined => selectAfter.get(runSeq, start),
    /** The last piece that begins at `offset` or before it. */
    findAt: (runSeq: number, offset: number): Extent | undefined => selectAt.get(runSeq, offset),
    /** Must be read within one turn of the event loop: the connection is busy until then. */
    ascending: (runSeq: number, start: number): IterableIterator<Piece> => ascending.iterate(runSeq, start),
    descending: (runSeq: number, start: number): IterableIterator<Piece> => descending.iterate(runSeq, start),
  };
}
