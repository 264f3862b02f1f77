import type { AgentFrame } from "@cloud-assistant/shared/protocol/frames";
import type { OutputFrame } from "@cloud-assistant/shared/protocol/output-frame";
import type { RunKey } from "@cloud-assistant/shared/vocabulary";
import { isFinalRun } from "../domain/run.ts";
import { forgetOrders } from "./delivery.ts";
import type { Link } from "./link.ts";
import { holdBack, release } from "./back-pressure.ts";
import { acknowledge, acknowledgeOutput, runName, type RunOf, type Session } from "./session.ts";

type Frame<T extends AgentFrame["type"]> = Extract<AgentFrame, { type: T }>;

export function takeStart(link: Link, session: Session, frame: Frame<"started">, bytes: number): void {
  inLane(link, session, frame, bytes, async (run) => {
    const stored = await link.context.store.runs.apply(run, { type: "started", atMs: frame.atMs });
    committed(link, frame.type, run, stored !== undefined);
    acknowledge(link, session, frame.id);
  });
}

export function takeOutput(link: Link, session: Session, frame: OutputFrame, bytes: number): void {
  inLane(link, session, { ...frame, type: "output" }, bytes, async (run) => {
    const offset = await link.context.store.output.append(run, frame.offset, frame.bytes);
    committed(link, "output", run, offset !== undefined);
    remember(session, run, offset);
    acknowledgeOutput(link, session, run, offset ?? frame.offset + frame.bytes.length);
  });
}

export function takeGap(link: Link, session: Session, frame: Frame<"gap">, bytes: number): void {
  inLane(link, session, frame, bytes, async (run) => {
    const offset = await link.context.store.output.appendGap(run, frame.from, frame.to);
    committed(link, frame.type, run, offset !== undefined);
    remember(session, run, offset);
    acknowledgeOutput(link, session, run, offset ?? frame.to);
  });
}

/** Taken when all the output it speaks of is stored; a premature one is told how much is. */
export function takeEnd(link: Link, session: Session, frame: Frame<"ended">, bytes: number): void {
  inLane(link, session, frame, bytes, async (run, before) => {
    if (before) await before;
    const { store, clock } = link.context;
    if ((session.storedBytes?.get(runName(run)) ?? 0) < frame.outputBytes) {
      const stored = await store.runs.find(run);
      // what is over takes no more output, so it is not waited for
      if (stored && !isFinalRun(stored.run) && stored.outputBytes < frame.outputBytes) {
        return acknowledgeOutput(link, session, run, stored.outputBytes);
      }
    }
    const after = await store.runs.apply(run, { type: "ended", atMs: clock.now(), end: frame.end });
    committed(link, frame.type, run, after !== undefined);
    session.storedBytes?.delete(runName(run));
    forgetOrders(link, session, run);
    acknowledge(link, session, frame.id);
  });
}

/** So that an end, which comes right after, need not ask the store. */
function remember(session: Session, run: RunOf, offset: number | undefined): void {
  if (offset === undefined) return;
  session.storedBytes ??= new Map();
  session.storedBytes.set(runName(run), offset);
}

/**
 * Does `work` on the store for one frame. The store commits in the order it is asked, so frames of a run follow each
 * other without waiting, an end excepted. If `work` fails nothing is acknowledged, and the agent repeats the frame.
 * @param bytes of the frame, counted as waiting until `work` is done
 */
function inLane(
  link: Link,
  session: Session,
  { type, invokeId, iteration }: RunKey & { readonly type: string },
  bytes: number,
  work: (run: RunOf, before: Promise<void> | undefined) => Promise<void>,
): void {
  const run: RunOf = { invokeId, iteration, instanceId: session.instanceId };
  const name = runName(run);
  link.onStep("frame received", { type, invokeId, instanceId: run.instanceId });
  const lanes = (session.lanes ??= new Map());
  holdBack(link, session, bytes);
  const before = lanes.get(name);
  const done: Promise<void> = work(run, before)
    .catch((error: unknown) =>
      link.context.log.error({ type, invokeId, instanceId: run.instanceId, err: error }, "frame not stored"),
    )
    .then(() => {
      if (lanes.get(name) === done) lanes.delete(name);
      if (lanes.size === 0 && session.lanes === lanes) session.lanes = undefined;
      link.working.delete(done);
      release(link, session, bytes);
    });
  lanes.set(name, done);
  link.working.add(done);
}

/** @param known false: no such run of this instance. The agent is told it is safe, so that it can let go. */
function committed(link: Link, type: string, { invokeId, instanceId }: RunOf, known: boolean): void {
  if (!known) {
    link.counters.foreignRuns++;
    link.context.log.warn({ type, invokeId, instanceId }, "report about a run this instance does not have: dropped");
    return;
  }
  link.onStep("frame committed", { type, invokeId, instanceId });
  link.context.outputBus.publish(invokeId);
}
