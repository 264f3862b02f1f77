import type { Logger } from "pino";
import { LaunchHelper, type HelperTellers, type LaunchRequest } from "./launch-helper.ts";

/**
 * A helper prepares the next run while the one before it is started, which is a chain of forks and wake-ups: one alone
 * would start runs no faster than that chain, however many cores there are.
 */
const AT_FIRST = 2;
/** More are started when each has a run waiting, and stay. */
const AT_MOST = 4;

/** The helpers of one agent. A run is told to the one with the fewest that wait to be claimed. */
export class LaunchHelpers {
  readonly #start: () => void;
  /** With the directories of runs that it was told and that nobody has claimed yet; the one that was told last comes last. */
  readonly #helpers = new Map<LaunchHelper, Set<string>>();

  /** @throws {RangeError} when the bound cannot hold a head, a tail and what comes after the end. */
  constructor(spoolMaxBytes: number, log: Logger, tellers: HelperTellers) {
    const onClaimed = (dir: string): void => {
      this.forget(dir);
      tellers.onClaimed(dir);
    };
    this.#start = () => this.#helpers.set(new LaunchHelper(spoolMaxBytes, log, { ...tellers, onClaimed }), new Set());
    for (let count = 0; count < AT_FIRST; count++) this.#start();
  }

  tell(request: LaunchRequest): void {
    const waiting = (): [LaunchHelper, Set<string>][] => [...this.#helpers].toSorted(([, a], [, b]) => a.size - b.size);
    if (this.#helpers.size < AT_MOST && waiting()[0]?.[1].size !== 0) this.#start();
    const [helper, dirs] = waiting()[0] as [LaunchHelper, Set<string>];
    this.#helpers.delete(helper);
    this.#helpers.set(helper, dirs.add(request.dir));
    helper.tell(request);
  }

  /** Nobody has to claim this run any more. */
  forget(dir: string): void {
    for (const dirs of this.#helpers.values()) dirs.delete(dir);
  }

  close(): void {
    for (const helper of this.#helpers.keys()) helper.close();
  }
}
