// The floor for starting scripts as a program of its own, so that its process is as small as it can be: it runs what
// `host.ts` asks for. Run as a child process.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { HostRequest } from "../host.ts";
import { spawnScripts } from "./spawn.ts";

const directory = mkdtempSync(join(tmpdir(), "bench-spawn-"));
const file = join(directory, "script");
process.on("message", async ({ script, count, concurrency }: HostRequest) => {
  writeFileSync(file, script);
  process.send?.(await spawnScripts(file, count, concurrency));
});
process.on("disconnect", () => rmSync(directory, { recursive: true, force: true }));
process.send?.("ready");
