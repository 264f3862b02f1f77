import { resolve } from "node:path";
import type { Environment } from "./target.ts";

/** The agent's settings, by the agent's own rules: flag, then environment, then default. */
export async function loadAgentConfig({ stateDir }: { readonly stateDir?: string | undefined }, env: Environment) {
  const { loadConfig } = await import("@cloud-assistant/agent/config");
  const flags = { stateDir: stateDir === undefined ? undefined : resolve(stateDir) };
  return loadConfig({ flags, env, file: undefined });
}
