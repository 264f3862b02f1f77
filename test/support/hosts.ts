import { execFileSync, spawn, type ChildProcess, type SpawnOptions } from "node:child_process";

/**
 * Hosts of a test: network namespaces on one bridge, each with its own address and hostname. Nothing of the machine's own
 * network is touched, and all traffic stays inside the namespaces.
 */
export type Hosts = {
  readonly hosts: readonly Host[];
  remove: () => void;
};
export type Host = {
  readonly name: string;
  readonly address: string;
  /** Starts a program on that host; its hostname is the host's name. */
  spawn: (program: string, args: readonly string[], options?: SpawnOptions) => ChildProcess;
};

/** Says in one line why this machine cannot make hosts, or undefined when it can. */
export function hostsUnavailable(): string | undefined {
  if (process.platform !== "linux" || process.getuid?.() !== 0) return "network namespaces need root on Linux";
  const probe = `ca-probe-${process.pid}`;
  try {
    ip("netns", "add", probe);
    ip("netns", "delete", probe);
    return undefined;
  } catch (error) {
    return `network namespaces cannot be made here: ${String(error)}`;
  }
}

export function makeHosts(count: number): Hosts {
  const prefix = `ca${process.pid % 100_000}`;
  const bridge = `${prefix}-sw`;
  const made: string[] = [];
  const remove = (): void => {
    for (const namespace of made) ip("netns", "delete", namespace);
  };
  try {
    ip("netns", "add", bridge);
    made.push(bridge);
    ip("-n", bridge, "link", "add", "br0", "type", "bridge");
    ip("-n", bridge, "link", "set", "br0", "up");
    const hosts = Array.from({ length: count }, (_, index): Host => {
      const namespace = `${prefix}-h${index + 1}`;
      const address = `10.77.0.${index + 1}`;
      ip("netns", "add", namespace);
      made.push(namespace);
      ip("link", "add", `v${index}`, "netns", bridge, "type", "veth", "peer", "name", "eth0", "netns", namespace);
      ip("-n", bridge, "link", "set", `v${index}`, "master", "br0");
      ip("-n", bridge, "link", "set", `v${index}`, "up");
      ip("-n", namespace, "addr", "add", `${address}/24`, "dev", "eth0");
      ip("-n", namespace, "link", "set", "eth0", "up");
      ip("-n", namespace, "link", "set", "lo", "up");
      const name = `host${index + 1}`;
      return { name, address, spawn: (program, args, options) => spawnOn(namespace, name, program, args, options) };
    });
    return { hosts, remove };
  } catch (error) {
    remove();
    throw error;
  }
}

function spawnOn(
  namespace: string,
  hostname: string,
  program: string,
  args: readonly string[],
  options: SpawnOptions = {},
): ChildProcess {
  // nsenter rather than `ip netns exec`: the latter remounts /sys and takes the cgroup mounts away
  const enter = [
    `--net=/run/netns/${namespace}`,
    "unshare",
    "--uts",
    "sh",
    "-c",
    'hostname "$0" && exec "$@"',
    hostname,
  ];
  return spawn("nsenter", [...enter, program, ...args], options);
}

function ip(...args: string[]): void {
  execFileSync("ip", args, { stdio: ["ignore", "ignore", "pipe"] });
}
