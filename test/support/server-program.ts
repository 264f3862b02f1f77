// A control plane as a process of its own, which dies by SIGKILL at the `nth` time it reaches `step`.
// Arguments: data directory, port, step or "", nth. Tells its endpoint to its parent; ends when the parent does.
import { loadConfig } from "@cloud-assistant/control-plane/config";
import { createLog } from "@cloud-assistant/control-plane/log";
import { startControlPlane } from "@cloud-assistant/control-plane/main";

const [dataDir, port, step, nth] = process.argv.slice(2);
let left = Number(nth);
const config = loadConfig({
  flags: {
    dataDir,
    listen: `127.0.0.1:${port}`,
    heartbeatMs: 200,
    silenceMs: 5_000,
    resendMs: 200,
    admissionPerSecond: 1_000_000,
  },
  env: {},
  file: undefined,
});
const controlPlane = await startControlPlane({
  config,
  log: createLog("warn"),
  onStep: (reached) => {
    if (reached === step && --left === 0) process.kill(process.pid, "SIGKILL");
  },
});
process.on("disconnect", () => process.exit(0));
process.send?.({ endpoint: controlPlane.endpoint });
