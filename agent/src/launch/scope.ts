import type { KillReport } from "@cloud-assistant/shared/protocol/run-end";
import { cgroupProcesses, killCgroup, moveInto } from "./cgroups.ts";
import { hasEnvironment, isAlive, listProcesses, readStat, signalProcess, type ProcessId, type ProcessStat } from "./procfs.ts";

/** What an ending is about: the script's own process, or everything that came from it. */
export type Scope = {
  readonly means: KillReport["means"];
  /** The living processes of the scope, measured now. */
  find: () => ProcessId[];
  /** Ends all of them at once; what was born meanwhile is for the next call. */
  kill: () => void;
};

export function processScope(script: () => ProcessId | undefined): Scope {
  const find = (): ProcessId[] => [script()].filter((found) => found !== undefined).filter(isAlive);
  return { means: "process", find, kill: () => find().forEach((found) => signalProcess(found, "SIGKILL")) };
}

/** The supervisor waits inside the run's cgroup (that spares a fork); it is taken out before anything is counted or killed. */
export function cgroupScope(cgroup: string, parent: string, supervisor: ProcessId | undefined): Scope {
  const find = (): ProcessId[] => {
    if (supervisor && isAlive(supervisor)) moveInto(parent, supervisor.pid);
    return cgroupProcesses(cgroup)
      .map(readStat)
      .filter((stat) => stat !== undefined && !stat.zombie) as ProcessStat[];
  };
  const kill = (): void => {
    find();
    killCgroup(cgroup);
  };
  return { means: "cgroup", find, kill };
}

/** Group, session, descent and environment marker; a child that left all four is not found. */
export function markerScope(marker: string, script: ProcessId | undefined, except: readonly (ProcessId | undefined)[]): Scope {
  const seen = new Set<number>(script ? [script.pid] : []);
  const spared = new Set(except.map((process_) => process_?.pid));
  const find = (): ProcessId[] => {
    const all = listProcesses();
    const found = new Map<number, ProcessStat>();
    for (let before = -1; before !== found.size; ) {
      before = found.size;
      for (const stat of all) {
        if (spared.has(stat.pid) || stat.pid === process.pid || found.has(stat.pid)) continue;
        const related = seen.has(stat.group) || seen.has(stat.session) || found.has(stat.parent) || seen.has(stat.pid);
        if (related || hasEnvironment(stat.pid, `CLOUD_ASSISTANT_RUN=${marker}`)) found.set(stat.pid, stat);
      }
    }
    return [...found.values()];
  };
  return { means: "marker", find, kill: () => find().forEach((found) => signalProcess(found, "SIGKILL")) };
}
