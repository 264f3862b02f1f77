import { readFileSync, statSync } from "node:fs";
import { execa } from "execa";

export type User = { readonly name: string; readonly uid: number; readonly gid: number; readonly home: string; readonly shell: string };

export const ROOT: User = { name: "root", uid: 0, gid: 0, home: "/root", shell: "/bin/sh" };

/** By exact name, first in /etc/passwd, then through the name service; never through a shell. */
export async function findUser(name: string): Promise<User | undefined> {
  if (name === "" || /[:\n\0]/.test(name)) return undefined;
  const local = findLine(readFileSync("/etc/passwd", "utf8"), name);
  if (local) return local;
  const { stdout, failed } = await execa("getent", ["passwd", "--", name], { reject: false, stdin: "ignore" });
  // getent takes a number for a uid: only the very name counts
  return failed ? undefined : findLine(String(stdout), name);
}

function findLine(passwd: string, name: string): User | undefined {
  for (const line of passwd.split("\n")) {
    const [found, , uid, gid, , home, shell] = line.split(":");
    if (found !== name || !uid || !gid) continue;
    return { name, uid: Number(uid), gid: Number(gid), home: home || "/", shell: shell || "/bin/sh" };
  }
  return undefined;
}

export function isDirectory(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}
