/** Hints that a run's output or status moved, for live tails. A lost hint delays a reader, never costs it a byte. */
export type OutputBus = {
  publish: (invokeId: string) => void;
  /** @returns the unsubscribe function. */
  subscribe: (invokeId: string, wake: () => void) => () => void;
};
