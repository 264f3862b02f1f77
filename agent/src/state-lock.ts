import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { isAlive, readStat } from "./launch/procfs.ts";

/**
 * One agent a state directory. The lock names a process by pid and start time, so one that was killed holds nothing.
 * @throws {Error} when another living agent has it.
 */
export function lockStateDir(stateDir: string): () => void {
  const path = join(stateDir, "lock");
  const own = readStat(process.pid);
  if (!own) throw new Error("/proc is not mounted; the agent needs it");
  const text = `${own.pid} ${own.startTicks}`;
  for (;;) {
    try {
      writeFileSync(path, text, { flag: "wx", mode: 0o600 });
      return () => rmSync(path, { force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
      const [pid = 0, startTicks = 0] = readFileSync(path, "utf8").split(" ").map(Number);
      if (pid !== own.pid && isAlive({ pid, startTicks })) {
        throw new Error(`another agent (pid ${pid}) runs on ${stateDir}: stop it first, or choose another --state-dir`, { cause: error });
      }
      rmSync(path, { force: true });
    }
  }
}
