// The real control plane as a process of its own, with the settings it is shipped with. Argument: its data directory.
// Tells its endpoint, then when a RunCommand was committed, and when an end was with all the output before it (again, when
// an end came twice).
import { loadConfig } from "@cloud-assistant/control-plane/config";
import { startControlPlane } from "@cloud-assistant/control-plane/main";
import { wallClockMs } from "../wall-clock.ts";

const [dataDir] = process.argv.slice(2);
const { endpoint, keyFingerprint } = await startControlPlane({
  config: loadConfig({ flags: { dataDir, listen: "127.0.0.1:0" }, env: {}, file: undefined }),
  onStep: (step, { action, type, invokeId }) => {
    if (step === "request committed" && action === "RunCommand") process.send?.({ acceptedMs: wallClockMs() });
    if (step === "frame committed" && type === "ended") process.send?.({ storedMs: wallClockMs(), invokeId });
  },
});
process.on("disconnect", () => process.exit(0));
process.send?.({ endpoint, keyFingerprint });
