import type { Context } from "../context.ts";

/** Looked at in one pass; a full pass is followed by the next at once. */
const BATCH = 500;

/**
 * Ends runs whose time is over: those never sent are Aborted, those whose end nobody will tell any more are Error.
 * @returns how many runs were looked at
 */
export async function runOnce({
  store,
  clock,
  config,
  log,
  outputBus,
}: Pick<Context, "store" | "clock" | "config" | "log" | "outputBus">): Promise<number> {
  let seen = 0;
  for (;;) {
    const atMs = clock.now();
    const overdue = await store.runs.listOverdue(atMs, config.outcomeUnknownAfterMs, BATCH);
    await Promise.all(
      overdue.map(async (stored) => {
        const { run, invokeId, instanceId } = stored;
        const never = run.status === "Pending" && run.sentMs === undefined;
        const errorInfo = "outcome unknown: the host did not report how it ended";
        const after = await store.runs.apply(
          stored,
          never ? { type: "tick", atMs } : { type: "outcomeUnknown", atMs, errorInfo },
        );
        if (after === undefined || after.revision === stored.revision) return; // somebody was faster
        log.info({ invokeId, instanceId, status: after.run.status }, "run ended by its deadline");
        outputBus.publish(invokeId);
      }),
    );
    seen += overdue.length;
    if (overdue.length < BATCH) return seen;
  }
}
