import type { RunKey } from "@cloud-assistant/shared/vocabulary";
import type { Invocation, StoredRun } from "../store/store.ts";

/** An invocation with all its targets, sent or waiting. */
export type Committed = { readonly invocation: Invocation; readonly targets: readonly string[] };

/** Who is connected. In one process; a bus will make it many. A wake is a hint: sessions also pull when they connect. */
export type Hub = {
  isConnected: (instanceId: string) => boolean;
  connectedIds: () => string[];
  /** The ledger of a connected host, for marking runs as sent in the transaction that creates them. */
  ledgerOf: (instanceId: string) => string | undefined;
  /**
   * Runs just committed as sent: write their orders to the sessions; those without a living session become `unsent` again.
   * @param of what was committed with them, so that it need not be read again; it is when it is not given
   */
  send: (runs: readonly (RunKey & { readonly instanceId: string })[], of?: Committed) => void;
  /** Runs just committed as Stopping: write stop orders where the host is connected. */
  stop: (runs: readonly StoredRun[]) => void;
  /** The invocation of these runs was changed: hosts that are connected get its new order, the others when they connect. */
  changed: (runs: readonly (RunKey & { readonly instanceId: string })[]) => void;
  /** Runs were just committed that wait for their hosts: those that connected in between fetch them now. */
  wake: (instanceIds: readonly string[]) => void;
  /** This host was just deregistered: tell its agent, and close its connection for good. */
  dismiss: (instanceId: string) => void;
};
