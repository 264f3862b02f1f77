// An engine with a server in memory that dies (kill -9 of itself) when a step is reached for the n-th time:
// `dying-engine.ts STATE_DIR STEP N`. Orders come as JSON lines on stdin.
import { createInterface } from "node:readline";
import { Order } from "@cloud-assistant/shared/protocol/orders";
import { openHost } from "./host.ts";

const [stateDir = "", step = "", count = "1"] = process.argv.slice(2);
let left = Number(count);
const host = await openHost(stateDir, {
  onStep: (reached) => {
    if (reached === step && --left === 0) process.kill(process.pid, "SIGKILL");
  },
});
for await (const line of createInterface({ input: process.stdin })) {
  void host.engine.take(Order.parse(JSON.parse(line)), false).then(() => process.stdout.write("taken\n"));
}
