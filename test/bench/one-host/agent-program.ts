// The real agent as a process of its own, with the settings it is shipped with. Argument: its state directory.
import { loadConfig } from "@cloud-assistant/agent/config";
import { createLog } from "@cloud-assistant/agent/log";
import { runAgent } from "@cloud-assistant/agent/main";
import { runDaemon } from "cloud-assistant/daemon";

const { logLevel, ...settings } = loadConfig({ flags: { stateDir: process.argv[2] }, env: {}, file: undefined });
// without `await`: it is bundled as CommonJS as well (memory.ts)
void runDaemon(process, { start: () => runAgent({ ...settings, log: createLog(logLevel) }) });
