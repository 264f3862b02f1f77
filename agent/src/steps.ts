import type { RunKey } from "@cloud-assistant/shared/vocabulary";

/**
 * The moments of a run on its host, in order. The agent tells each of them to the observer it was composed with:
 * `main.ts` logs them, the crash tests compose an agent that dies at one.
 */
export const AGENT_STEPS = [
  "task received",
  "task synced",
  "task acknowledged",
  "helper told",
  "run claimed",
  "script started",
  "exit written",
  "end sent",
  "end acknowledged",
  "directory removed",
] as const;
export type AgentStep = (typeof AGENT_STEPS)[number];
export type OnAgentStep = (step: AgentStep, run: RunKey) => void;
