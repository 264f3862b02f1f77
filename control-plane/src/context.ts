import type { Clock } from "@cloud-assistant/shared/clock";
import type { Logger } from "pino";
import type { Hub } from "./link/hub.ts";
import type { OutputBus } from "./link/output-bus.ts";
import type { Store } from "./store/store.ts";
import type { Ids } from "./ids.ts";
import type { Config } from "./config.ts";
import type { Keys } from "./keys.ts";

/** What an action, a job or a session works with; built once in `main.ts`, never reached for. */
export type Context = {
  readonly config: Config;
  readonly store: Store;
  readonly hub: Hub;
  readonly outputBus: OutputBus;
  readonly keys: Keys;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Logger;
};
