import type { Database } from "better-sqlite3";

/** Under load a flush waits this long for company; when idle it does not wait at all. Milliseconds (limits.md G: 0.5-2 is enough). */
const WINDOW_MS = 1;
/** A flush this soon after the last one counts as load, milliseconds. */
const BUSY_MS = 2;
/** A batch this large is flushed without waiting. */
const MAX_BATCH = 500;

type Entry = { work: () => unknown; resolve: (value: unknown) => void; reject: (error: unknown) => void };
type Outcome = { readonly value: unknown } | { readonly error: unknown };

/**
 * All writes of all callers, as few transactions as possible: a promise resolves after the COMMIT that holds its work.
 * Work that throws is rolled back alone and rejects alone; a COMMIT that fails rejects the whole batch, and the next one
 * starts afresh.
 */
export class GroupCommit {
  readonly #db: Database;
  readonly #elapsed: () => number;
  readonly #onFlushed: (entries: number) => void;
  #queue: Entry[] = [];
  #cancel: (() => void) | undefined;
  #flushedAt = -Infinity;

  constructor(db: Database, elapsed: () => number, onFlushed: (entries: number) => void) {
    this.#db = db;
    this.#elapsed = elapsed;
    this.#onFlushed = onFlushed;
  }

  /** Runs `work` inside a transaction soon. `work` is synchronous and sees everything queued before it. */
  commit<T>(work: () => T): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.#queue.push({ work, resolve: resolve as (value: unknown) => void, reject });
      this.#schedule();
    });
  }

  /** Commits what is queued now. */
  flush(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    const batch = this.#queue;
    if (batch.length === 0) return;
    this.#queue = [];
    const outcomes = this.#transact(batch);
    this.#flushedAt = this.#elapsed();
    for (const [index, entry] of batch.entries()) {
      const outcome = outcomes[index];
      if (outcome && "value" in outcome) entry.resolve(outcome.value);
      else entry.reject(outcome?.error);
    }
    this.#onFlushed(batch.length);
  }

  #schedule(): void {
    if (this.#queue.length >= MAX_BATCH) return this.flush();
    if (this.#cancel) return;
    if (this.#elapsed() - this.#flushedAt < BUSY_MS) {
      const timer = setTimeout(() => this.flush(), WINDOW_MS);
      this.#cancel = () => clearTimeout(timer);
    } else {
      const immediate = setImmediate(() => this.flush());
      this.#cancel = () => clearImmediate(immediate);
    }
  }

  #transact(batch: readonly Entry[]): Outcome[] {
    try {
      this.#db.exec("BEGIN IMMEDIATE");
      const outcomes = batch.map((entry) => this.#attempt(entry));
      this.#db.exec("COMMIT");
      return outcomes;
    } catch (error) {
      if (this.#db.inTransaction) this.#db.exec("ROLLBACK");
      return batch.map(() => ({ error }));
    }
  }

  #attempt({ work }: Entry): Outcome {
    this.#db.exec("SAVEPOINT entry");
    try {
      const value = work();
      this.#db.exec("RELEASE entry");
      return { value };
    } catch (error) {
      // a full disk or an I/O error has already rolled everything back: then the whole batch failed
      if (!this.#db.inTransaction) throw error;
      this.#db.exec("ROLLBACK TO entry");
      this.#db.exec("RELEASE entry");
      return { error };
    }
  }
}
