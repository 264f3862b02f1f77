import { accessSync, constants, mkdirSync, readFileSync, readdirSync, rmdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/**
 * Run cgroups (v2) below the agent's own, without any controller: only membership and `cgroup.kill` are wanted. Nothing a
 * script does takes it out of its cgroup, so killing one is complete by construction.
 */
export type Cgroups = {
  /** Where processes of the agent's side (supervisors, writers) live. */
  readonly parent: string;
  create: (name: string) => string | undefined;
  /** Removes those whose processes are all gone, except the named ones. */
  sweep: (keep: ReadonlySet<string>) => void;
};

/** @returns undefined where no cgroup v2 can be made: no mount, no right to. */
export function openCgroups(ledgerId: string): Cgroups | undefined {
  const own = ownCgroup();
  if (!own) return undefined;
  const base = join(own, `cloud-assistant-${ledgerId.slice(0, 12)}`);
  try {
    mkdirSync(base, { recursive: true });
    accessSync(join(base, "cgroup.kill"), constants.W_OK); // kernels before 5.14 have none
  } catch {
    return undefined;
  }
  return {
    parent: own,
    create: (name) => {
      const path = join(base, name);
      try {
        mkdirSync(path, { recursive: true });
        return path;
      } catch {
        return undefined; // the run is then ended by its marker, and its report says so
      }
    },
    sweep: (keep) => {
      for (const entry of readdirSync(base, { withFileTypes: true })) {
        if (entry.isDirectory() && !keep.has(entry.name)) removeCgroup(join(base, entry.name));
      }
    },
  };
}

/** The mount is not always /sys/fs/cgroup: hybrid hosts have it elsewhere. @see proc_pid_mountinfo(5), cgroups(7) */
function ownCgroup(): string | undefined {
  const mount = readFileSync("/proc/self/mountinfo", "utf8")
    .split("\n")
    .find((line) => line.split(" - ")[1]?.startsWith("cgroup2 "));
  const path = /^0::(.*)$/m.exec(readFileSync("/proc/self/cgroup", "utf8"))?.[1];
  const [, , , root, point] = mount?.split(" ") ?? [];
  if (!point || path === undefined || root === undefined) return undefined;
  // in a container the mount may show only a part of the tree
  const below = root !== "/" && path.startsWith(root) ? path.slice(root.length) : path;
  return join(point, below);
}

export function cgroupProcesses(cgroup: string): number[] {
  try {
    return readFileSync(join(cgroup, "cgroup.procs"), "utf8").split("\n").filter(Boolean).map(Number);
  } catch {
    return []; // removed
  }
}

export function killCgroup(cgroup: string): void {
  writeFileSync(join(cgroup, "cgroup.kill"), "1");
}

export function moveInto(cgroup: string, pid: number): void {
  try {
    writeFileSync(join(cgroup, "cgroup.procs"), String(pid));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

/** @returns false while a process is still in it. */
export function removeCgroup(cgroup: string): boolean {
  try {
    rmdirSync(cgroup);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return true;
    return false;
  }
}
