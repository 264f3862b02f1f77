/** Hints that a run's output or status moved, for live tails. A lost hint delays a reader, never costs it a byte. */
export type OutputBus = {
  publish: (invokeId: string) => void;
  /** @returns the unsubscribe function. */
  subscribe: (invokeId: string, wake: () => void) => () => void;
};

export function createOutputBus(): OutputBus {
  const wakes = new Map<string, Set<() => void>>();
  return {
    publish: (invokeId) => {
      for (const wake of wakes.get(invokeId) ?? []) wake();
    },
    subscribe: (invokeId, wake) => {
      // wrapped, so that the same function subscribed twice is two subscriptions
      const own = (): void => wake();
      const set = wakes.get(invokeId) ?? new Set();
      wakes.set(invokeId, set.add(own));
      return () => {
        set.delete(own);
        if (set.size === 0 && wakes.get(invokeId) === set) wakes.delete(invokeId);
      };
    },
  };
}
