import {
  createGroupCommit,
  type Timers,
  type Transactions,
} from "@cloud-assistant/control-plane/store/sqlite/group-commit";
import { expect, test } from "vitest";

function refuse(): never {
  throw new Error("refused");
}

/** Runs what is due when told to. */
function makeTimers() {
  let nowMs = 0;
  let soon: (() => void)[] = [];
  let later: { atMs: number; run: () => void }[] = [];
  const timers: Timers = {
    elapsed: () => nowMs,
    soon: (run) => void soon.push(run),
    after: (ms, run) => void later.push({ atMs: nowMs + ms, run }),
  };
  const turn = (): void => {
    const due = soon;
    soon = [];
    for (const run of due) run();
  };
  const advance = (ms: number): void => {
    nowMs += ms;
    const due = later.filter(({ atMs }) => atMs <= nowMs);
    later = later.filter(({ atMs }) => atMs > nowMs);
    for (const { run } of due) run();
  };
  return { timers, turn, advance, pending: () => ({ soon: soon.length, later: later.length }) };
}

/** A database of one list: transactions and savepoints over it, told as they happen. */
function makeDatabase() {
  const log: string[] = [];
  let committed: string[] = [];
  let open: string[] | undefined;
  let saved: string[] = [];
  let put: string[] = [];
  const failures = { commit: 0, begin: 0 };
  const say =
    (what: string, run: () => void = () => undefined) =>
    () => {
      log.push(what);
      run();
    };
  const failing = (what: "commit" | "begin", run: () => void) => () => {
    if (failures[what]-- > 0) throw new Error(`${what} failed`);
    run();
  };
  const transactions: Transactions = {
    begin: say(
      "begin",
      failing("begin", () => (open = [...committed])),
    ),
    commit: say(
      "commit",
      failing("commit", () => ([committed, open] = [open ?? [], undefined])),
    ),
    rollback: say("rollback", () => (open = undefined)),
    savepoint: () => (saved = [...(open ?? [])]),
    release: () => undefined,
    rollbackToSavepoint: () => (open = saved),
    isOpen: () => open !== undefined,
    settle: () => {
      open?.push(...put);
      put = [];
    },
    forget: () => (put = []),
  };
  return {
    transactions,
    log,
    failures,
    rows: () => committed,
    write: (row: string) => () => {
      open?.push(row);
      return row;
    },
    /** Counted up to the end of the transaction. */
    putOff: (row: string) => void put.push(row),
    giveUp: () => (open = undefined),
  };
}

const settled = (promises: Promise<unknown>[]): Promise<string[]> =>
  Promise.all(
    promises.map((promise) =>
      promise.then(
        (value) => `value ${String(value)}`,
        (error: Error) => `error ${error.message}`,
      ),
    ),
  );

test("what waits is one transaction: at once when idle, in a window after a flush", async () => {
  const { timers, turn, advance, pending } = makeTimers();
  const database = makeDatabase();
  const { add } = createGroupCommit(database.transactions, timers);
  const first = [add(database.write("a")), add(database.write("b"))];
  expect(pending()).toEqual({ soon: 1, later: 0 });
  expect(database.log).toEqual([]);
  turn();
  expect(await settled(first)).toEqual(["value a", "value b"]);
  expect(database.log).toEqual(["begin", "commit"]);

  const second = [add(database.write("c"))];
  expect(pending()).toEqual({ soon: 0, later: 1 });
  second.push(add(database.write("d")));
  advance(2);
  expect(await settled(second)).toEqual(["value c", "value d"]);
  expect(database.log).toEqual(["begin", "commit", "begin", "commit"]);

  advance(2);
  const third = add(database.write("e"));
  expect(pending()).toEqual({ soon: 1, later: 0 });
  turn();
  await third;
  expect(database.rows()).toEqual(["a", "b", "c", "d", "e"]);
});

test("a long queue is committed 500 at a time, without a pause between", async () => {
  const { timers, turn, pending } = makeTimers();
  const database = makeDatabase();
  const sizes: number[] = [];
  const { add } = createGroupCommit(database.transactions, timers, (entries) => sizes.push(entries));
  const all = Array.from({ length: 1_200 }, (_, n) => add(database.write(`${n}`)));
  turn();
  expect(pending()).toEqual({ soon: 1, later: 0 });
  turn();
  expect(sizes).toEqual([500, 500]);
  expect(pending()).toEqual({ soon: 0, later: 1 });
  expect(await settled(all.slice(0, 1_000))).toHaveLength(1_000);
});

test("a check that fails rejects alone, before anything of it is written", async () => {
  const { timers, turn } = makeTimers();
  const database = makeDatabase();
  const { add } = createGroupCommit(database.transactions, timers);
  const all = [add(database.write("a")), add(database.write("b"), refuse), add(database.write("c"))];
  turn();
  expect(await settled(all)).toEqual(["value a", "error refused", "value c"]);
  expect(database.rows()).toEqual(["a", "c"]);
  expect(database.log).toEqual(["begin", "commit"]);
});

test("a write that fails is undone alone, with what it had put off; the others are written once", async () => {
  const { timers, turn } = makeTimers();
  const database = makeDatabase();
  const { add } = createGroupCommit(database.transactions, timers);
  const withSum = (row: string) => () => {
    database.putOff(`sum of ${row}`);
    return database.write(row)();
  };
  const broken = (): never => {
    withSum("b")();
    throw new Error("a bug");
  };
  const all = [add(withSum("a")), add(broken), add(withSum("c"))];
  turn();
  expect(await settled(all)).toEqual(["value a", "error a bug", "value c"]);
  expect(database.rows().toSorted()).toEqual(["a", "c", "sum of a", "sum of c"]);
});

test("when the commit fails all reject, nothing is written, and the next batch goes through", async () => {
  const { timers, turn, advance } = makeTimers();
  const database = makeDatabase();
  const { add } = createGroupCommit(database.transactions, timers);
  for (const failure of ["commit", "begin"] as const) {
    database.failures[failure] = 2;
    const all = [add(database.write("a")), add(database.write("b"))];
    turn();
    advance(2);
    expect(await settled(all)).toEqual(["error the database could not commit", "error the database could not commit"]);
    database.failures[failure] = 0;
    expect(database.rows()).toEqual([]);
  }
  const next = add(database.write("c"));
  advance(2);
  turn();
  expect(await next).toBe("c");
  expect(database.rows()).toEqual(["c"]);
});

test("when the database gives the transaction up, all reject", async () => {
  const { timers, turn } = makeTimers();
  const database = makeDatabase();
  const { add } = createGroupCommit(database.transactions, timers);
  const full = (): never => {
    database.giveUp();
    throw new Error("disk full");
  };
  const all = [add(database.write("a")), add(full)];
  turn();
  expect(await settled(all)).toEqual(["error the database could not commit", "error the database could not commit"]);
  expect(database.rows()).toEqual([]);
});

test("closing writes what waits, and takes nothing more", async () => {
  const { timers } = makeTimers();
  const database = makeDatabase();
  const { add, close } = createGroupCommit(database.transactions, timers);
  const all = Array.from({ length: 600 }, (_, n) => add(database.write(`${n}`)));
  close();
  expect(new Set((await settled(all)).map((outcome) => outcome.slice(0, 5)))).toEqual(new Set(["value"]));
  await expect(add(database.write("late"))).rejects.toThrow("the store is closed");
  expect(database.rows()).toHaveLength(600);
});

test("paused, what is added waits; resumed, it is written; closing does not wait for either", async () => {
  const { timers, turn, pending } = makeTimers();
  const database = makeDatabase();
  const { add, pause, resume, close } = createGroupCommit(database.transactions, timers);
  const early = add(database.write("a"));
  pause();
  const late = add(database.write("b"));
  turn();
  expect(database.log).toEqual([]);
  expect(pending()).toEqual({ soon: 0, later: 0 });
  resume();
  turn();
  expect(await settled([early, late])).toEqual(["value a", "value b"]);
  pause();
  const last = add(database.write("c"));
  close();
  expect(await last).toBe("c");
});
