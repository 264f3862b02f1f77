import { constants } from "node:os";
import type { Io } from "./io.ts";

/**
 * Signals that come this soon after the first are the same wish, milliseconds: of one stop, a service manager or a terminal
 * may reach both a wrapper, which passes it on, and us.
 */
const SAME_WISH_MS = 2_000;

export type DaemonParts<T> = {
  readonly start: () => Promise<T>;
  readonly onStarted?: (daemon: T) => Promise<void>;
  /** Settles when it has nothing left to do. */
  readonly over?: (daemon: T) => Promise<void>;
};

/**
 * Runs a daemon until SIGTERM, SIGINT or SIGHUP, or until it is over, then closes it. A signal that comes later ends the
 * process at once, as a crash would, whatever the starting or the closing waits for.
 */
export async function runDaemon<T extends { readonly close: () => Promise<void> }>(
  { stderr }: Pick<Io, "stderr">,
  { start, onStarted, over }: DaemonParts<T>,
): Promise<{ readonly daemon: T; readonly over: boolean }> {
  let firstMs: number | undefined;
  const asked = new Promise<false>((resolve) => {
    const onSignal = (name: NodeJS.Signals): void => {
      firstMs ??= performance.now();
      resolve(false);
      if (performance.now() - firstMs < SAME_WISH_MS) return;
      stderr.write(
        `${name} again: ended at once, without closing. Nothing is lost: scripts that run go on, and the next start takes up from here.\n`,
      );
      process.exit(128 + constants.signals[name]);
    };
    for (const name of ["SIGTERM", "SIGINT", "SIGHUP"] as const) process.on(name, onSignal);
  });
  const daemon = await start();
  await onStarted?.(daemon);
  const isOver = await (over ? Promise.race([asked, over(daemon).then(() => true)]) : asked);
  await daemon.close();
  return { daemon, over: isOver };
}
