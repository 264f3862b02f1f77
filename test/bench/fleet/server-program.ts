// The real control plane as a process of its own, with the settings it is shipped with but for the quotas a fleet would meet.
// Argument: its data directory. Tells its endpoint; any message makes it collect garbage and tell its resident set.
import { loadConfig } from "@cloud-assistant/control-plane/config";
import { startControlPlane } from "@cloud-assistant/control-plane/main";

const [dataDir] = process.argv.slice(2);
const quotas = {
  maxInstancesPerInvocation: 1000,
  maxOpenActivations: 100_000,
  registrationsPerSecond: 1_000_000,
  admissionPerSecond: 1_000_000,
};
const config = loadConfig({ flags: { dataDir, listen: "127.0.0.1:0", ...quotas }, env: {}, file: undefined });
const { endpoint } = await startControlPlane({ config });
process.on("message", () => {
  globalThis.gc?.();
  process.send?.({ rss: process.memoryUsage.rss() });
});
process.on("disconnect", () => process.exit(0));
process.send?.({ endpoint });
