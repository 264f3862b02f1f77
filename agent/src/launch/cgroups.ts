import { accessSync, constants, mkdirSync, readFileSync, readdirSync, rmdirSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";

/**
 * Run cgroups (v2) below the agent's own, without any controller: only membership and `cgroup.kill` are wanted. Nothing a
 * script does takes it out of its cgroup, so killing one is complete by construction.
 */
export type Cgroups = {
  /** @returns undefined when it cannot be made; the run is then ended by its marker, and its report says so. */
  create: (name: string) => string | undefined;
  /** Of a run that is over; it stays while a child left behind lives. */
  remove: (name: string) => void;
  /** Of runs that are over: those whose processes are all gone. A child left behind keeps its cgroup until a later sweep. */
  sweep: (keep: (name: string) => boolean) => void;
  /** Leaves nothing behind when no run is left. */
  close: () => void;
};

/** @returns undefined where no cgroup v2 can be made: no mount, no right to. */
export function openCgroups(ledgerId: string): Cgroups | undefined {
  const own = ownCgroup();
  if (!own) return undefined;
  const base = join(own, `cloud-assistant-${ledgerId.slice(0, 12)}`);
  try {
    mkdirSync(base, { recursive: true });
    accessSync(join(base, "cgroup.kill"), constants.W_OK); // kernels before 5.14 have none
  } catch (error) {
    if (["ENOENT", "EACCES", "EROFS", "EPERM"].includes((error as NodeJS.ErrnoException).code ?? "")) return undefined;
    throw error;
  }
  return {
    create: (name) => {
      const path = join(base, name);
      try {
        mkdirSync(path);
        return path;
      } catch (error) {
        return (error as NodeJS.ErrnoException).code === "EEXIST" ? path : undefined;
      }
    },
    remove: (name) => void removeCgroup(join(base, name)),
    sweep: (keep) => {
      for (const path of descendants(base)) {
        if (dirname(path) === base && !keep(basename(path))) removeCgroup(path);
      }
    },
    close: () => {
      try {
        rmdirSync(base);
      } catch {
        // runs are still in it
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

/** Of the cgroup and of those a script made below it. */
export function cgroupProcesses(cgroup: string): number[] {
  return [cgroup, ...descendants(cgroup)].flatMap((path) => {
    try {
      return readFileSync(join(path, "cgroup.procs"), "utf8").split("\n").filter(Boolean).map(Number);
    } catch {
      return []; // removed meanwhile
    }
  });
}

/** Deepest last. */
function descendants(cgroup: string): string[] {
  try {
    const children = readdirSync(cgroup, { withFileTypes: true }).filter((entry) => entry.isDirectory());
    return children.map(({ name }) => join(cgroup, name)).flatMap((child) => [child, ...descendants(child)]);
  } catch {
    return [];
  }
}

export function killCgroup(cgroup: string): void {
  try {
    writeFileSync(join(cgroup, "cgroup.kill"), "1");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
}

/** @returns false while a process is still in it. */
function removeCgroup(cgroup: string): boolean {
  try {
    rmdirSync(cgroup);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== "EBUSY") return code === "ENOENT";
  }
  const children = descendants(cgroup); // a script may have made some
  return children.length > 0 && children.toReversed().every(removeCgroup) && removeCgroup(cgroup);
}
