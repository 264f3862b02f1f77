import type { Clock } from "@cloud-assistant/shared/clock";
import type { Logger } from "pino";

/** Does `job` every `periodMs` until `signal` aborts; what it throws is logged, and it is tried again next time. */
export async function periodically(
  { clock, log }: { readonly clock: Clock; readonly log: Logger },
  name: string,
  periodMs: number,
  job: () => Promise<unknown>,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    await clock.sleep(periodMs, signal).catch(() => undefined); // rejects when aborted, which the loop looks at
    if (signal.aborted) return;
    await job().catch((error: unknown) => {
      if (!signal.aborted) log.error({ job: name, err: error }, "job failed");
    });
  }
}
