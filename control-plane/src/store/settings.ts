import type { Settings } from "../domain/settings.ts";
import type { RequestNonce } from "./store.ts";

export type SettingsStore = {
  find: (regionId: string) => Promise<Settings>;
  /**
   * Reads, changes and writes in one transaction, so that of two calls at once neither loses what the other set.
   * @throws what `change` throws; nothing is written then.
   */
  change: (regionId: string, change: (settings: Settings) => Settings, request: RequestNonce) => Promise<void>;
};
