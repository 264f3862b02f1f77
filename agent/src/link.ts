import { RECONNECT_BACKOFF, type Backoff } from "@cloud-assistant/shared/backoff";
import { Connection, type ConnectionOptions } from "./connection.ts";
import { firstLinkState, nextLinkState, type LinkState } from "./link-state.ts";

export type LinkOptions = Omit<ConnectionOptions, "onProven"> & {
  /** Uniform in [0, 1). */
  readonly random: () => number;
  /** Called at each proof. */
  readonly onProven?: () => void;
  readonly backoff?: Backoff;
};
export type Link = { readonly connected: () => boolean; readonly close: () => Promise<void> };

/** Keeps one connection to the control plane, again and again, with full jitter between attempts. */
export function openLink(options: LinkOptions): Link {
  const { clock, log, random } = options;
  const stop = new AbortController();
  let connection: Connection | undefined;
  let state: LinkState = firstLinkState(clock.elapsed(), options.backoff ?? RECONNECT_BACKOFF);

  const attempt = async (): Promise<void> => {
    connection = new Connection({
      ...options,
      onProven: (backoff) => {
        state = nextLinkState(nextLinkState(state, { type: "challenged", serverNonce: "" }), { type: "welcomed", atMs: clock.elapsed(), backoff });
        log.info({ instanceId: options.instanceId, server: options.server }, "connected");
        options.onProven?.();
      },
    });
    const { reason } = await connection.run(stop.signal);
    if (stop.signal.aborted) return;
    state = nextLinkState(state, { type: "lost", atMs: clock.elapsed(), reason, random: random() });
    if (state.status !== "waiting") return;
    const waitMs = Math.max(0, state.dueMs - clock.elapsed());
    log.warn({ reason, waitMs: Math.round(waitMs) }, "connection lost, trying again");
    await clock.sleep(waitMs, stop.signal).catch(() => undefined);
    state = nextLinkState(state, { type: "tick", atMs: Math.max(clock.elapsed(), state.dueMs) });
  };
  const loop = async (): Promise<void> => {
    while (!stop.signal.aborted) await attempt();
  };
  const running = loop();
  return {
    connected: () => connection?.proven ?? false,
    close: async () => {
      stop.abort();
      await running;
    },
  };
}
