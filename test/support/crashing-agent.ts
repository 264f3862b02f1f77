// An agent that dies (kill -9 of itself) at the n-th occurrence of a step: `crashing-agent.ts STATE_DIR STEP N`.
import { runAgent } from "@cloud-assistant/agent/main";
import { pino } from "pino";

const [stateDir = "", step = "", count = "0"] = process.argv.slice(2);
let left = Number(count);

await runAgent({
  stateDir,
  log: pino({ level: "error" }, pino.destination(2)),
  graceMs: 500,
  onStep: (reached) => {
    if (reached === step && --left === 0) process.kill(process.pid, "SIGKILL");
  },
});
