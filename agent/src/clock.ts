import { setTimeout as timeout } from "node:timers/promises";
import { MAX_SLEEP_MS, type Clock } from "@cloud-assistant/shared/clock";

export const systemClock: Clock = {
  now: () => Date.now(),
  elapsed: () => performance.now(),
  sleep: (ms, signal) => {
    if (!(ms >= 0 && ms <= MAX_SLEEP_MS))
      throw new RangeError(`cannot sleep ${ms} ms: 0 to ${MAX_SLEEP_MS} is possible`);
    return timeout(ms, undefined, signal ? { signal } : {});
  },
};
