import type { AgentFrame, HeldRun, WelcomePayload } from "@cloud-assistant/shared/protocol/frames";
import type { Order } from "@cloud-assistant/shared/protocol/orders";
import type { OutputFrame } from "@cloud-assistant/shared/protocol/output-frame";
import type { RunKey } from "@cloud-assistant/shared/vocabulary";

/**
 * The two halves of the agent and the seam between them. The engine owns runs: ledger, supervision, output, reports. The
 * link owns the connection: proof, signatures, heartbeat, reconnect. The engine survives any number of links.
 */
export type Engine = {
  /**
   * Takes a proven order (signature, target and expiry are checked). Resolves when it is safe on disk, and only then may
   * it be acknowledged. An order seen before resolves at once: nothing runs twice.
   * @param expired the order's time was over before it was taken: refuse it, durably, unless it is already held.
   */
  take: (order: Order, expired: boolean) => Promise<void>;
  /** Runs on disk, for `hello`. */
  held: () => HeldRun[];
  /** A connection is proven; (re)send what the server wants over it, drop what it no longer needs. */
  connected: (uplink: Uplink, welcome: WelcomePayload) => void;
  /** The connection is gone; keep everything and wait. */
  disconnected: () => void;
  /** The server committed these frames. */
  acknowledged: (ids: readonly string[]) => void;
  /** The server has stored the run's output up to `offset`. */
  outputAcknowledged: (run: RunKey, offset: number) => void;
  /** Random id made with this ledger. */
  readonly ledgerId: string;
  /** Stops reporting and watching; scripts, supervisors and writers go on. */
  close: () => Promise<void>;
};

/** What the engine may say over a proven connection. */
export type Uplink = {
  send: (frame: AgentFrame) => void;
  sendOutput: (frame: OutputFrame) => void;
  /** Bytes handed over and not yet written to the socket; the engine stops reading the spool while it is high. */
  bufferedBytes: () => number;
};
