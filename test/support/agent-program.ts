import { runAgent } from "@cloud-assistant/agent/main";
import { createLog } from "@cloud-assistant/agent/log";
import { runDaemon } from "cloud-assistant/daemon";
import type { AgentProgramOptions } from "./agent.ts";

// A real agent in a process of its own, for tests that kill it: argv[2] is AgentProgramOptions in JSON.
const { dieAt, ...options } = JSON.parse(process.argv[2] ?? "{}") as AgentProgramOptions;
let left = dieAt?.occurrence ?? 0;

await runDaemon(process, {
  start: () =>
    runAgent({
      ...options,
      log: createLog("debug"),
      onStep: (step) => {
        if (step === dieAt?.step && --left === 0) process.kill(process.pid, "SIGKILL");
      },
    }),
  over: ({ deregistered }) => deregistered,
});
