import type { Clock } from "@cloud-assistant/shared/clock";
import { WebSocket } from "ws";
import type { Random } from "./random.ts";

/** Probabilities from 0 to 1, one kind of fault a frame. */
export type FrameFaults = {
  readonly lose?: number;
  /** Passed twice, at once. */
  readonly duplicate?: number;
  /** Held back for up to `maxDelayMs` while later frames overtake it. */
  readonly reorder?: number;
  /** Held back for up to `maxDelayMs`, and everything behind it too. */
  readonly delay?: number;
  readonly maxDelayMs?: number;
  /** The proof's frames (challenge, hello, welcome) suffer as well; else they pass. */
  readonly handshake?: boolean;
};

export type FaultCounts = { passed: number; lost: number; duplicated: number; reordered: number; delayed: number };

type LaneParts = {
  readonly to: WebSocket;
  readonly random: Random;
  readonly faults: () => FrameFaults;
  readonly counts: FaultCounts;
  readonly clock: Clock;
  readonly closing: AbortSignal;
};

/** One direction of one connection. */
export type Lane = { pass: (data: Buffer, isBinary: boolean) => void };

const DEFAULT_MAX_DELAY_MS = 100;
const HANDSHAKE = /^\s*\{"type":"(?:challenge|hello|welcome)"/;

export function makeLane({ to, random, faults, counts, clock, closing }: LaneParts): Lane {
  /** Frames that must not be overtaken wait for it; also while the other side is still connecting. */
  let before: Promise<unknown> =
    to.readyState === WebSocket.CONNECTING
      ? new Promise((resolve) => to.once("open", resolve).once("close", resolve))
      : Promise.resolve();
  const opened = before;
  const send = (data: Buffer, isBinary: boolean): void => {
    if (to.readyState === WebSocket.OPEN) to.send(data, { binary: isBinary });
  };
  const pause = (): Promise<unknown> => {
    const ms = Math.floor(random() * (faults().maxDelayMs ?? DEFAULT_MAX_DELAY_MS));
    return clock.sleep(ms, closing).catch(() => undefined); // closing: the socket is closed too
  };
  const inOrder = (work: () => unknown): void => void (before = before.then(work));
  return {
    pass: (data, isBinary) => {
      const draw = random();
      const { lose = 0, duplicate = 0, reorder = 0, delay = 0, handshake = false } = faults();
      const spared = !handshake && !isBinary && HANDSHAKE.test(data.subarray(0, 40).toString("latin1"));
      const bounds = [lose, lose + duplicate, lose + duplicate + reorder, lose + duplicate + reorder + delay] as const;
      if (spared || draw >= bounds[3]) {
        counts.passed += 1;
        inOrder(() => send(data, isBinary));
      } else if (draw < bounds[0]) {
        counts.lost += 1;
      } else if (draw < bounds[1]) {
        counts.duplicated += 1;
        inOrder(() => [send(data, isBinary), send(data, isBinary)]);
      } else if (draw < bounds[2]) {
        counts.reordered += 1;
        const held = Promise.all([opened, pause()]);
        void held.then(() => send(data, isBinary));
      } else {
        counts.delayed += 1;
        const held = pause();
        inOrder(async () => {
          await held;
          send(data, isBinary);
        });
      }
    },
  };
}
