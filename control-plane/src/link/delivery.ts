import type { StoredRun } from "../store/store.ts";
import type { Committed } from "./hub.ts";
import { track, type Link } from "./link.ts";
import { orderFrameId, type OrderKind } from "./orders.ts";
import { planRun } from "./reconcile.ts";
import { isOpen, runName, type RunOf, type Session } from "./session.ts";

/** Runs just committed as sent. One order serves all targets of an invocation. */
export function sendRuns(link: Link, runs: readonly RunOf[], of: Committed | undefined): void {
  const awaited: RunOf[] = [];
  for (const run of runs) {
    const session = link.byInstance.get(run.instanceId);
    if (session && isOpen(session) && session.state === "proven") awaited.push(run);
    else if (session?.state === "welcoming") session.missed = true;
    else unsend(link, run);
  }
  for (const group of groupByRun(awaited)) track(link, sendGroup(link, group, of), { invokeId: group[0].invokeId });
}

async function sendGroup(link: Link, group: readonly [RunOf, ...RunOf[]], of: Committed | undefined): Promise<void> {
  const proofs = link.proofs;
  const frames = await link.orders.tasks(group[0], of);
  for (const run of group) {
    const session = link.byInstance.get(run.instanceId);
    const frame = frames.get(run.instanceId);
    if (!frame) throw new Error(`${run.instanceId} is no target of ${run.invokeId}`);
    const written = session?.state === "proven" && writeOrder(link, session, "task", run, frame);
    // gone meanwhile; if nobody was proven since, no other session of the host can have sent it either
    if (!written && link.proofs === proofs) unsend(link, run);
  }
}

/** Runs whose invocation was just changed. What was sent stays sent, so nothing becomes unsent here. */
export function sendChanged(link: Link, runs: readonly RunOf[]): void {
  for (const group of groupByRun(runs)) {
    link.orders.forget(group[0]);
    const sending = async (): Promise<void> => {
      const frame = await link.orders.task(group[0]);
      for (const run of group) {
        const session = link.byInstance.get(run.instanceId);
        if (session?.state === "welcoming") session.missed = true;
        if (session?.state !== "proven") continue;
        forget(link, session, orderFrameId("task", run)); // the order before is not repeated any more
        writeOrder(link, session, "task", run, frame);
      }
    };
    track(link, sending(), { invokeId: group[0].invokeId });
  }
}

/** The order provably never left. */
function unsend(link: Link, { instanceId, invokeId, iteration }: RunOf): void {
  track(link, link.context.store.runs.apply({ instanceId, invokeId, iteration }, { type: "unsent" }), {
    invokeId,
    instanceId,
  });
}

/** Runs just committed as Stopping. */
export function stopRuns(link: Link, runs: readonly StoredRun[]): void {
  const reachable = runs.filter(({ instanceId, run }) => {
    const session = link.byInstance.get(instanceId);
    if (session?.state === "welcoming") session.missed = true;
    return session?.state === "proven" && run.status === "Stopping";
  });
  for (const group of groupByRun(reachable)) {
    const stopping = async (): Promise<void> => {
      const targets = group.map(({ instanceId }) => instanceId);
      const frame = await link.orders.stop(group[0], targets);
      for (const run of group) {
        const session = link.byInstance.get(run.instanceId);
        if (session?.state === "proven") writeOrder(link, session, "stop", run, frame);
      }
    };
    track(link, stopping(), { invokeId: group[0].invokeId });
  }
}

/**
 * Brings the runs of a host that has just been proven to where they belong: sends what waits, repeats what was not taken,
 * stops what is to stop, and gives up what a lost ledger took with it.
 * @param held names of the runs the host has on disk
 */
export async function reconcile(
  link: Link,
  session: Session,
  open: readonly StoredRun[],
  held: ReadonlySet<string>,
): Promise<void> {
  await Promise.all(open.map((stored) => reconcileRun(link, session, stored, held.has(runName(stored)))));
}

async function reconcileRun(link: Link, session: Session, stored: StoredRun, held: boolean): Promise<void> {
  const { store, clock, log, outputBus } = link.context;
  const { invokeId, iteration, instanceId } = stored;
  const run: RunOf = { invokeId, iteration, instanceId };
  const need = planRun(stored, held, session.ledgerId, clock.now());
  switch (need.type) {
    case "nothing":
      return;
    case "taken":
      if (stored.run.status === "Pending") await store.runs.markSent(run, session.ledgerId, clock.now());
      return store.runs.markTaken(run, clock.now());
    case "send": {
      // also when it was sent before: behind an `unsent` that is still being committed it must become sent again
      const proofs = link.proofs;
      const marked = await store.runs.markSent(run, session.ledgerId, clock.now());
      if (marked?.run.status !== "Pending" || marked.run.sentMs === undefined) return;
      const written = writeOrder(link, session, "task", run, await link.orders.task(run));
      const first = stored.run.status === "Pending" && stored.run.sentMs === undefined;
      if (!written && first && link.proofs === proofs) unsend(link, run);
      return;
    }
    case "ask":
      writeOrder(link, session, "task", run, await link.orders.task(run));
      return;
    case "stop":
      if (need.ask) writeOrder(link, session, "task", run, await link.orders.task(run));
      writeOrder(link, session, "stop", run, await link.orders.stop(run, [instanceId]));
      return;
    case "lost":
      log.warn({ invokeId, instanceId }, "a host came back without the ledger a run was sent to");
      await store.runs.apply(run, {
        type: "outcomeUnknown",
        atMs: clock.now(),
        errorInfo: "outcome unknown: the host lost its ledger",
      });
      return outputBus.publish(invokeId);
  }
}

/** @returns false when it cannot have left. An order that is under way already is not written again. */
function writeOrder(link: Link, session: Session, kind: OrderKind, run: RunOf, frame: Buffer): boolean {
  const id = orderFrameId(kind, run);
  if (!isOpen(session)) return false;
  if (session.unacknowledged?.has(id)) return true;
  session.unacknowledged ??= new Map();
  session.unacknowledged.set(id, {
    frame,
    run: { invokeId: run.invokeId, iteration: run.iteration, instanceId: run.instanceId },
    sentMs: link.context.clock.elapsed(),
  });
  link.owing.add(session);
  session.stream.write(frame);
  link.onStep("order sent", { kind, invokeId: run.invokeId, instanceId: run.instanceId });
  return true;
}

/** The agent has these orders on disk. Ids that are not ours, or were acknowledged before, change nothing. */
export function ordersTaken(link: Link, session: Session, ids: readonly string[]): void {
  const { store, clock } = link.context;
  for (const id of ids) {
    const run = forget(link, session, id);
    if (run && id.startsWith("task:"))
      track(link, store.runs.markTaken(run, clock.now()), { invokeId: run.invokeId, instanceId: run.instanceId });
  }
}

/** A run that ended needs no order any more. */
export function forgetOrders(link: Link, session: Session, run: RunOf): void {
  forget(link, session, orderFrameId("task", run));
  forget(link, session, orderFrameId("stop", run));
}

function forget(link: Link, session: Session, id: string): RunOf | undefined {
  const order = session.unacknowledged?.get(id);
  if (!order) return undefined;
  session.unacknowledged?.delete(id);
  if (session.unacknowledged?.size === 0) {
    session.unacknowledged = undefined;
    link.owing.delete(session);
  }
  return order.run;
}

/** Repeats what was not acknowledged for `resendMs`. */
export function resendOrders(link: Link, atMs: number): void {
  const { resendMs } = link.context.config;
  for (const session of link.owing) {
    if (session.socket.bufferedAmount > 0) continue; // what was written before has not even left
    for (const order of session.unacknowledged?.values() ?? []) {
      if (atMs - order.sentMs < resendMs) continue;
      order.sentMs = atMs;
      if (isOpen(session)) session.stream.write(order.frame);
    }
  }
}

function groupByRun<T extends RunOf>(runs: readonly T[]): [T, ...T[]][] {
  const groups = new Map<string, [T, ...T[]]>();
  for (const run of runs) {
    const group = groups.get(runName(run));
    if (group) group.push(run);
    else groups.set(runName(run), [run]);
  }
  return [...groups.values()];
}
