// The floor for starting one script and for its output: `child_process.spawn` with pipes, in a process that does nothing
// else. Run as a child process: each message is the path of a script, the answer is when `spawn` was called.
import { spawn } from "node:child_process";
import { wallClockMs } from "../wall-clock.ts";

process.on("message", (file: string) => {
  const spawnedMs = wallClockMs();
  const child = spawn("/bin/sh", [file], { stdio: ["ignore", "pipe", "pipe"] });
  child.stdout.resume();
  child.stderr.resume();
  child.once("close", () => process.send?.({ spawnedMs }));
});
process.on("disconnect", () => process.exit(0));
process.send?.("ready");
