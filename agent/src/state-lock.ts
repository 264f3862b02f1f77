import { readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { isAlive, readStat } from "./launch/procfs.ts";

const LOCK_NAME = /^lock\.(\d+)\.(\d+)$/;

/**
 * One agent a state directory. Each holder's lock is a file of its own, named by pid and start time: one that was killed
 * holds nothing. It is made before the others are looked for, so of two that start at once at most one goes on.
 * @returns what gives the lock back.
 * @throws {Error} when another living agent has one.
 */
export function lockStateDir(stateDir: string): () => void {
  const own = readStat(process.pid);
  if (!own) throw new Error("/proc is not mounted; the agent needs it");
  const ownName = `lock.${own.pid}.${own.startTicks}`;
  const unlock = (): void => rmSync(join(stateDir, ownName), { force: true });
  writeFileSync(join(stateDir, ownName), "", { mode: 0o600 });
  for (const name of readdirSync(stateDir)) {
    const [, pid, startTicks] = LOCK_NAME.exec(name) ?? [];
    if (!pid || !startTicks || name === ownName) continue;
    if (isAlive({ pid: Number(pid), startTicks: Number(startTicks) })) {
      unlock();
      throw new Error(`another agent (pid ${pid}) runs on ${stateDir}: stop it first, or choose another --state-dir`);
    }
    rmSync(join(stateDir, name), { force: true });
  }
  return unlock;
}
