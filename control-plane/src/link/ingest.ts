import type { AgentFrame } from "@cloud-assistant/shared/protocol/frames";
import type { OutputFrame } from "@cloud-assistant/shared/protocol/output-frame";
import type { RunKey } from "@cloud-assistant/shared/vocabulary";
import { isFinalRun } from "../domain/run.ts";
import { holdBack, release } from "./back-pressure.ts";
import { forgetOrders } from "./delivery.ts";
import type { Link } from "./link.ts";
import { acknowledge, acknowledgeOutput, type RunOf, type Session } from "./session.ts";

type Frame<T extends AgentFrame["type"]> = Extract<AgentFrame, { type: T }>;

export function takeStart(link: Link, session: Session, frame: Frame<"started">, bytes: number): void {
  const run = received(link, session, frame.type, frame);
  const stored = link.context.store.runs.apply(run, { type: "started", atMs: frame.atMs });
  whenStored(link, session, frame.type, run, bytes, stored, () => acknowledge(link, session, frame.id));
}

export function takeOutput(link: Link, session: Session, frame: OutputFrame, bytes: number): void {
  const run = received(link, session, "output", frame);
  const stored = link.context.store.output.append(run, frame.offset, frame.bytes);
  whenStored(link, session, "output", run, bytes, stored, (offset) =>
    acknowledgeOutput(link, session, run, offset ?? frame.offset + frame.bytes.length),
  );
}

export function takeGap(link: Link, session: Session, frame: Frame<"gap">, bytes: number): void {
  const run = received(link, session, frame.type, frame);
  const stored = link.context.store.output.appendGap(run, frame.from, frame.to);
  whenStored(link, session, frame.type, run, bytes, stored, (offset) =>
    acknowledgeOutput(link, session, run, offset ?? frame.to),
  );
}

/** Taken when all the output it speaks of is stored; a premature one is told how much is. */
export function takeEnd(link: Link, session: Session, frame: Frame<"ended">, bytes: number): void {
  const run = received(link, session, frame.type, frame);
  const { store, clock } = link.context;
  const event = { type: "ended", atMs: clock.now(), end: frame.end } as const;
  whenStored(link, session, frame.type, run, bytes, store.runs.apply(run, event, frame.outputBytes), (after) => {
    // what is over takes no more output, so it is not waited for
    if (after && !isFinalRun(after.run)) return acknowledgeOutput(link, session, run, after.outputBytes);
    forgetOrders(link, session, run);
    acknowledge(link, session, frame.id);
  });
}

function received(link: Link, { instanceId }: Session, type: string, { invokeId, iteration }: RunKey): RunOf {
  link.onStep("frame received", { type, invokeId, instanceId });
  return { invokeId, iteration, instanceId };
}

/**
 * Answers a frame when what it said is committed. The store commits in the order it is asked, so frames of a run follow
 * each other without waiting. If it fails nothing is acknowledged, and the agent repeats the frame.
 * @param bytes of the frame, counted as waiting until then
 * @param stored undefined: no such run of this instance; the agent is told it is safe, so that it can let go
 */
function whenStored<T>(
  link: Link,
  session: Session,
  type: string,
  run: RunOf,
  bytes: number,
  stored: Promise<T | undefined>,
  answer: (value: T | undefined) => void,
): void {
  holdBack(link, session, bytes);
  const over = (): void => {
    link.working.delete(done);
    release(link, session, bytes);
  };
  const done: Promise<void> = stored.then(
    (value) => {
      committed(link, type, run, value !== undefined);
      answer(value);
      over();
    },
    (error: unknown) => {
      const { invokeId, instanceId } = run;
      link.context.log.error({ type, invokeId, instanceId, err: error }, "frame not stored");
      over();
    },
  );
  link.working.add(done);
}

function committed(link: Link, type: string, { invokeId, instanceId }: RunOf, known: boolean): void {
  if (!known) {
    link.counters.foreignRuns++;
    link.context.log.warn({ type, invokeId, instanceId }, "report about a run this instance does not have: dropped");
    return;
  }
  link.onStep("frame committed", { type, invokeId, instanceId });
  link.context.outputBus.publish(invokeId);
}
