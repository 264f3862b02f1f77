import type { StoredRun } from "../store/store.ts";

/** What a run that is not final needs when its host connects. */
export type Need =
  /** Nothing: the host has it, or its time to be delivered is over. */
  | { readonly type: "nothing" }
  /** The host holds the order: note that it was taken. */
  | { readonly type: "taken" }
  /** Mark it as sent, then send the same order as ever. */
  | { readonly type: "send" }
  /** `ask` first where the host took it and forgot it: a stop alone would not bring its end to light. */
  | { readonly type: "stop"; readonly ask: boolean }
  /** The host took it and forgot it: it answers a repeated order from its memory of finished ids. */
  | { readonly type: "ask" }
  /** It was sent to a ledger that is gone: it may have run, and must not run again. */
  | { readonly type: "lost" };

/**
 * Pure.
 * @param held whether the host named the run in its hello
 * @param ledgerId of the host now
 */
export function planRun(
  { run, sentLedgerId, takenMs }: StoredRun,
  held: boolean,
  ledgerId: string,
  atMs: number,
): Need {
  const otherLedger = sentLedgerId !== ledgerId;
  switch (run.status) {
    case "Pending":
      if (held) return { type: "taken" };
      if (run.sentMs === undefined) return { type: atMs < run.deadlineMs ? "send" : "nothing" };
      return { type: otherLedger ? "lost" : "send" };
    case "Running":
      if (held) return { type: takenMs === undefined ? "taken" : "nothing" };
      return { type: otherLedger ? "lost" : "ask" };
    case "Stopping":
      if (!held && otherLedger) return { type: "lost" };
      return { type: "stop", ask: !held && takenMs !== undefined };
    case "Success":
    case "Failed":
    case "Timeout":
    case "Error":
    case "Invalid":
    case "Aborted":
    case "Cancelled":
    case "Terminated":
      return { type: "nothing" };
  }
}
