import { constants } from "node:os";

export type Interrupt = {
  readonly signal: AbortSignal;
  readonly aborted: Promise<void>;
  /** 128 + the number of the signal that came. */
  exitCode: () => number;
  /** Signals do again what they did before. */
  release: () => void;
};

/** From now on Ctrl-C (and SIGTERM, SIGHUP) does not end the process but aborts a signal. */
export function catchInterrupt(): Interrupt {
  const controller = new AbortController();
  const names = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
  let caught: (typeof names)[number] = "SIGINT";
  const onSignal = (name: NodeJS.Signals): void => {
    if (controller.signal.aborted) return;
    caught = name as typeof caught;
    controller.abort();
  };
  const aborted = new Promise<void>((resolve) =>
    controller.signal.addEventListener("abort", () => resolve(), { once: true }),
  );
  for (const name of names) process.on(name, onSignal);
  return {
    signal: controller.signal,
    aborted,
    exitCode: () => 128 + constants.signals[caught],
    release: () => {
      for (const name of names) process.off(name, onSignal);
    },
  };
}
