import type { KillReport } from "@cloud-assistant/shared/protocol/run-end";
import { cgroupProcesses, killCgroup } from "./cgroups.ts";
import {
  hasEnvironment,
  isAlive,
  listProcesses,
  readStat,
  signalProcess,
  type ProcessId,
  type ProcessStat,
} from "./procfs.ts";

/** What an ending is about: the script's own process, or everything that came from it. */
export type Scope = {
  readonly means: KillReport["means"];
  /** The living processes of the scope, measured now. */
  find: () => ProcessId[];
  signal: (found: ProcessId, signal: "SIGTERM") => void;
  /** Ends all of them at once; what was born meanwhile is for the next call. */
  kill: () => void;
};

export function processScope(script: ProcessId): Scope {
  const kill = (): void => signalProcess(script, "SIGKILL");
  return { means: "process", find: () => [script].filter(isAlive), signal: signalProcess, kill };
}

/** Supervisor and writer are not in the run's cgroup. */
export function cgroupScope(cgroup: string): Scope {
  const find = (): ProcessId[] =>
    cgroupProcesses(cgroup)
      .map(readStat)
      .filter((stat): stat is ProcessStat => stat !== undefined && !stat.zombie);
  return { means: "cgroup", find, signal: signalProcess, kill: () => killCgroup(cgroup) };
}

/** Group, session, descent and environment marker; a child that left all four is not found. */
export function markerScope(marker: string, script: ProcessId): Scope {
  const entry = `CLOUD_ASSISTANT_RUN=${marker}`;
  /** Pids once found, with their start: a group or session may outlive its leader, and a pid may be given again. */
  const known = new Map<number, number>([[script.pid, script.startTicks]]);
  const find = (): ProcessId[] => {
    const all = listProcesses().filter(({ pid }) => pid !== process.pid);
    const found = new Map<number, ProcessStat>();
    const oldest = script.startTicks;
    for (let before = -1; before !== found.size;) {
      before = found.size;
      for (const stat of all) {
        if (found.has(stat.pid) || stat.startTicks < oldest) continue;
        const related =
          known.get(stat.pid) === stat.startTicks ||
          known.has(stat.group) ||
          known.has(stat.session) ||
          found.has(stat.parent);
        if (related || hasEnvironment(stat.pid, entry)) found.set(stat.pid, stat);
      }
    }
    for (const { pid, startTicks } of found.values()) known.set(pid, startTicks);
    return [...found.values()];
  };
  return {
    means: "marker",
    find,
    signal: signalProcess,
    kill: () => find().forEach((found) => signalProcess(found, "SIGKILL")),
  };
}
