import type { Io } from "./io.ts";
import type { Bar } from "./output-printer.ts";

/** With no more hosts than this one can see them all anyway. */
const FEW_HOSTS = 5;
const RETURN_AND_CLEAR_LINE = "\r\u001b[K";

export type ProgressBar = Bar & { advance: () => void; stop: () => void };

/** How many hosts have ended, on standard error: only where there are many and a person watches. */
export async function startProgressBar(io: Io, hosts: number): Promise<ProgressBar | undefined> {
  if (hosts <= FEW_HOSTS || !io.stderr.isTTY) return undefined;
  const { MultiBar } = await import("cli-progress");
  // a MultiBar, because a single one goes back, at its end, to the place on the screen where it began
  const bars = new MultiBar({
    format: "{bar} {value}/{total} hosts ended",
    barCompleteChar: "#",
    barIncompleteChar: "-",
    stream: io.stderr,
    clearOnComplete: true,
    forceRedraw: true, // drawn again by its timer after it was hidden
    gracefulExit: false, // signals are ours
  });
  const bar = bars.create(hosts, 0);
  return {
    advance: () => bar.increment(),
    stop: () => bars.stop(),
    hide: () => void io.stderr.write(RETURN_AND_CLEAR_LINE),
  };
}
