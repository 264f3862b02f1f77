import { endingInRetrospect, supervise, type Supervised } from "@cloud-assistant/agent/supervise";
import type { Scope } from "@cloud-assistant/agent/launch/scope";
import { expect, test } from "vitest";
import { ManualClock } from "../support/manual-clock.ts";

/** Processes 1 to n: `polite` ones end on SIGTERM, `mortal` ones on SIGKILL, the rest never. */
class StubScope implements Scope {
  readonly means = "cgroup";
  readonly signals: string[] = [];
  readonly #alive: Map<number, "polite" | "mortal" | "immortal">;
  readonly #onEmpty: () => void;

  constructor(kinds: readonly ("polite" | "mortal" | "immortal")[], onEmpty: () => void) {
    this.#alive = new Map(kinds.map((kind, index) => [index + 1, kind]));
    this.#onEmpty = onEmpty;
  }

  readonly find = (): { pid: number; startTicks: number }[] =>
    [...this.#alive.keys()].map((pid) => ({ pid, startTicks: 0 }));
  readonly signal = ({ pid }: { pid: number }, signal: string): void => {
    this.signals.push(`${signal} ${pid}`);
    this.#end((kind, one) => kind === "polite" && one === pid);
  };
  readonly kill = (): void => {
    this.signals.push("SIGKILL");
    this.#end((kind) => kind !== "immortal");
  };

  #end(which: (kind: string, pid: number) => boolean): void {
    for (const [pid, kind] of this.#alive) if (which(kind, pid)) this.#alive.delete(pid);
    if (this.#alive.size === 0) this.#onEmpty();
  }
}

function start(kinds: ConstructorParameters<typeof StubScope>[0], timeoutMs = 60_000) {
  const clock = new ManualClock();
  const { promise: exited, resolve: exit } = Promise.withResolvers<void>();
  const scope = new StubScope(kinds, exit);
  const [stop, closed] = [new AbortController(), new AbortController()];
  const ended: Promise<Supervised> = supervise({
    exited,
    scope,
    timeoutMs,
    graceMs: 5_000,
    stop: stop.signal,
    closed: closed.signal,
    clock,
  });
  return { clock, scope, exit, stop, closed, ended };
}

test("a script that ends by itself is left alone", async () => {
  const { clock, scope, exit, ended } = start(["mortal"]);
  await clock.advance(59_999);
  exit();
  await expect(ended).resolves.toEqual({ how: "exited" });
  expect(scope.signals).toEqual([]);
  expect(clock.pending).toBe(0);
});

test("a timeout asks first, kills after the grace period, and stays a timeout", async () => {
  const { clock, scope, ended } = start(["mortal", "polite"]);
  await clock.advance(59_999);
  expect(scope.signals).toEqual([]);
  await clock.advance(1);
  expect(scope.signals).toEqual(["SIGTERM 1", "SIGTERM 2"]);
  await clock.advance(4_900);
  expect(scope.signals).toHaveLength(2);
  await clock.advance(200);
  expect(scope.signals).toEqual(["SIGTERM 1", "SIGTERM 2", "SIGKILL"]);
  await expect(ended).resolves.toEqual({ how: "timedOut", kill: { means: "cgroup", killed: 2, left: 0 } });
  expect(clock.pending).toBe(0);
});

test("the first reason is the one told", async () => {
  const { clock, stop, ended } = start(["mortal"], 1_000);
  await clock.advance(999);
  stop.abort();
  await clock.advance(60_000);
  await expect(ended).resolves.toMatchObject({ how: "stopped" });
});

test("a deadline that has passed ends at once; a stop that was asked already too", async () => {
  const late = start(["polite"], -5);
  await late.clock.advance(0);
  await expect(late.ended).resolves.toMatchObject({ how: "timedOut", kill: { killed: 1, left: 0 } });
});

test("what cannot be ended is counted, not waited for without end", async () => {
  const { clock, stop, ended } = start(["immortal", "mortal"]);
  stop.abort();
  await clock.advance(5_000 + 10_000 + 100);
  await expect(ended).resolves.toEqual({ how: "stopped", kill: { means: "cgroup", killed: 2, left: 1 } });
  expect(clock.pending).toBe(0);
});

test("a closed watcher leaves the script alone and no timer behind", async () => {
  const { clock, scope, closed, ended } = start(["mortal"]);
  closed.abort();
  await expect(ended).rejects.toMatchObject({ name: "AbortError" });
  await clock.advance(100_000);
  expect(scope.signals).toEqual([]);
  expect(clock.pending).toBe(0);
});

test.for([
  [{ exitMs: 1_999 }, "exited"],
  [{ exitMs: 2_000 }, "exited"],
  [{ exitMs: 2_001 }, "timedOut"],
  [{ exitMs: 1_500, stopMs: 1_400 }, "stopped"],
  [{ exitMs: 1_500, stopMs: 1_600 }, "exited"],
  [{ exitMs: 3_000, stopMs: 1_400 }, "stopped"],
  [{ exitMs: 3_000, stopMs: 2_500 }, "timedOut"],
  [{ exitMs: 2_200, stopMs: 2_500 }, "timedOut"],
] as const)("in retrospect: started 1000, timeout 1000, %o is %s", ([times, how]) => {
  expect(endingInRetrospect({ startedMs: 1_000, timeoutMs: 1_000, ...times })).toBe(how);
});
