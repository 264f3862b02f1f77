import type { Settings } from "../domain/settings.ts";
import type { RequestNonce, Scope } from "./store.ts";

export type SettingsStore = {
  find: (scope: Scope) => Promise<Settings>;
  /**
   * Reads, changes and writes in one transaction, so that of two calls at once neither loses what the other set.
   * @throws what `change` throws; nothing is written then.
   */
  change: (scope: Scope, change: (settings: Settings) => Settings, request: RequestNonce) => Promise<void>;
};
