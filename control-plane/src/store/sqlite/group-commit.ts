/** Milliseconds between two flushes under load: 0.5-2 are enough, 5 give nothing more; fewer flushes write fewer pages (limits.md G). */
const WINDOW_MS = 2;
/** Entries of one transaction. More wait for the next, so that the event loop breathes. */
const MAX_ENTRIES = 500;

export type Transactions = {
  begin: () => void;
  commit: () => void;
  /** Ends the transaction if one is open; SQLite may have ended it itself after a full disk or an I/O error. */
  rollback: () => void;
  savepoint: () => void;
  release: () => void;
  rollbackToSavepoint: () => void;
  isOpen: () => boolean;
  /** Writes what entries have put off to the end of their transaction. */
  settle: () => void;
  /** Forgets what entries have put off: their transaction, or savepoint, is rolled back. */
  forget: () => void;
};
export type Timers = {
  /** Monotonic milliseconds. */
  elapsed: () => number;
  soon: (run: () => void) => void;
  after: (ms: number, run: () => void) => void;
};

type Entry = {
  readonly check: (() => void) | undefined;
  readonly write: () => unknown;
  readonly resolve: (value: never) => void;
  readonly reject: (error: unknown) => void;
  value?: unknown;
};

export type GroupCommit = {
  /**
   * Runs `write` inside the next transaction; resolves with what it returned, after the commit.
   * @param check runs before it in the same transaction and must not write: what it throws rejects this entry alone.
   */
  add: <T>(write: () => T, check?: () => void) => Promise<T>;
  /** No flush begins until `resume`: what is added waits, and the event loop is free. */
  pause: () => void;
  resume: () => void;
  /** Flushes what waits, paused or not; later `add`s are rejected. */
  close: () => void;
};

/**
 * One queue for all writes; one transaction for all that wait. At once when idle, after `WINDOW_MS` when a flush was just
 * made. A `write` that throws is a bug or the disk: then the whole transaction is rolled back and made again, each entry
 * in a savepoint of its own, so that one rejects alone; a `write` must therefore be repeatable. When a COMMIT fails, all
 * entries of the batch reject, and the next flush begins anew.
 */
export function createGroupCommit(
  transactions: Transactions,
  timers: Timers,
  onFlush: (entries: number) => void = () => undefined,
): GroupCommit {
  let waiting: Entry[] = [];
  let scheduled = false;
  let paused = false;
  let closed = false;
  let flushedAtMs = -Infinity;

  const schedule = (): void => {
    if (scheduled || paused || waiting.length === 0) return;
    scheduled = true;
    if (waiting.length >= MAX_ENTRIES || timers.elapsed() - flushedAtMs >= WINDOW_MS) timers.soon(flushOnTime);
    else timers.after(WINDOW_MS, flushOnTime);
  };
  const flushOnTime = (): void => {
    scheduled = false;
    if (!paused) flush();
  };
  const flush = (): void => {
    const batch = waiting.splice(0, MAX_ENTRIES);
    if (batch.length > 0) settleAll(transactions, batch);
    flushedAtMs = timers.elapsed();
    onFlush(batch.length);
    schedule();
  };
  return {
    add: (write, check) =>
      new Promise((resolve, reject) => {
        if (closed) return reject(new Error("the store is closed"));
        waiting.push({ check, write, resolve, reject });
        schedule();
      }),
    pause: () => {
      paused = true;
    },
    resume: () => {
      paused = false;
      schedule();
    },
    close: () => {
      closed = true;
      while (waiting.length > 0) flush();
    },
  };
}

type Refused = Map<Entry, unknown>;

/** Every promise of the batch is settled, and only after the transaction is. */
function settleAll(transactions: Transactions, batch: readonly Entry[]): void {
  let refused: Refused;
  try {
    refused = writeAll(transactions, batch);
    transactions.commit();
  } catch (error) {
    giveUp(transactions);
    for (const { reject } of batch) reject(new Error("the database could not commit", { cause: error }));
    return;
  }
  for (const entry of batch) {
    if (refused.has(entry)) entry.reject(refused.get(entry));
    else entry.resolve(entry.value as never);
  }
}

function writeAll(transactions: Transactions, batch: readonly Entry[]): Refused {
  try {
    return writeTogether(transactions, batch);
  } catch {
    // whose fault it was shows when each writes apart: the error is that entry's, or comes again for all
    giveUp(transactions);
    return writeApart(transactions, batch);
  }
}

function giveUp(transactions: Transactions): void {
  transactions.rollback();
  transactions.forget();
}

function writeTogether(transactions: Transactions, batch: readonly Entry[]): Refused {
  const refused: Refused = new Map();
  transactions.begin();
  for (const entry of batch) if (passes(entry, refused)) entry.value = entry.write();
  transactions.settle();
  return refused;
}

function writeApart(transactions: Transactions, batch: readonly Entry[]): Refused {
  const refused: Refused = new Map();
  transactions.begin();
  for (const entry of batch) {
    if (!passes(entry, refused)) continue;
    transactions.savepoint();
    try {
      entry.value = entry.write();
      transactions.settle();
    } catch (error) {
      transactions.forget();
      if (!transactions.isOpen()) throw error; // SQLite gave the whole transaction up
      transactions.rollbackToSavepoint();
      refused.set(entry, error);
    }
    transactions.release();
  }
  return refused;
}

function passes(entry: Entry, refused: Refused): boolean {
  try {
    entry.check?.();
    return true;
  } catch (error) {
    refused.set(entry, error);
    return false;
  }
}
