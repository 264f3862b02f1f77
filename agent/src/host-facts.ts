import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { hostname, machine, networkInterfaces } from "node:os";
import type { HostFacts } from "@cloud-assistant/shared/protocol/frames";
import agentPackage from "../package.json" with { type: "json" };

export const AGENT_VERSION = agentPackage.version;

/** Reads a file of the host, or gives undefined where it has none or does not show it. */
export type ReadHostFile = (path: string) => string | undefined;

/** What this host tells of itself, read anew each time: names and addresses change while an agent runs. */
export function readHostFacts(read: ReadHostFile = readHostFile): HostFacts {
  const machineId = (read("/etc/machine-id") ?? read("/var/lib/dbus/machine-id") ?? "").slice(0, 64);
  const productUuid = read("/sys/class/dmi/id/product_uuid") ?? "";
  return {
    hostname: hostname().slice(0, 255),
    osType: process.platform === "win32" ? "windows" : "linux",
    osVersion: osVersion(read("/etc/os-release") ?? read("/usr/lib/os-release") ?? "").slice(0, 255),
    arch: machine().slice(0, 32),
    intranetIp: firstIpv4(),
    agentVersion: AGENT_VERSION.slice(0, 32),
    machineId,
    fingerprint: fingerprintMachine(machineId, productUuid),
    bootId: (read("/proc/sys/kernel/random/boot_id") ?? "").slice(0, 64),
  };
}

/**
 * Tells a machine from a copy of its disk: the DMI UUID is the (virtual) hardware's own. Hex of SHA-256. Where a host shows
 * neither id, all such hosts have the same fingerprint and a copy cannot be told.
 */
export function fingerprintMachine(machineId: string, productUuid: string): string {
  return createHash("sha256").update(`${machineId}\n${productUuid.toLowerCase()}`).digest("hex");
}

/** PRETTY_NAME of os-release, unquoted. @see https://www.freedesktop.org/software/systemd/man/os-release.html */
export function osVersion(osRelease: string): string {
  const value = /^PRETTY_NAME=(.*)$/m.exec(osRelease)?.[1]?.trim() ?? "";
  const quoted = /^(["'])(.*)\1$/.exec(value)?.[2];
  return (quoted ?? value).replaceAll(/\\(["'$`\\])/g, "$1");
}

function firstIpv4(): string {
  for (const addresses of Object.values(networkInterfaces())) {
    for (const { family, internal, address } of addresses ?? []) if (family === "IPv4" && !internal) return address;
  }
  return "";
}

function readHostFile(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8").trim() || undefined;
  } catch {
    return undefined;
  }
}
