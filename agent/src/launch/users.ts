import { readFileSync, statSync } from "node:fs";
import { userInfo } from "node:os";

export type User = {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
  readonly home: string;
  readonly shell: string;
};

/** What turns root into another user, best first; `none` where nobody has to be turned. */
export type UserSwitch = "none" | "setpriv" | "runuser" | "su";

/** Who runs a script that names nobody: root; under an agent that is not root itself, the agent's user. */
export function defaultUser(): User {
  const changedMs = statSync("/etc/passwd", { throwIfNoEntry: false })?.mtimeMs;
  if (own && own.changedMs === changedMs) return own.user;
  const { username, uid, gid, homedir, shell } = userInfo();
  own = { user: { name: username, uid, gid, home: homedir, shell: shell ?? "/bin/sh" }, changedMs };
  return own.user;
}
let own: { readonly user: User; readonly changedMs: number | undefined } | undefined;

/** @returns undefined when this agent may not run anything as that user. */
export async function switchTo({ uid }: User): Promise<UserSwitch | undefined> {
  const uidOfAgent = process.getuid?.();
  if (uid === uidOfAgent) return "none";
  return uidOfAgent === 0 ? await (bestSwitch ??= findSwitch()) : undefined;
}
let bestSwitch: Promise<UserSwitch> | undefined;

/** busybox has a setpriv that cannot switch, and no runuser. */
async function findSwitch(): Promise<UserSwitch> {
  const { execa } = await loadExeca();
  const setpriv = await execa("setpriv", ["--reuid", "0", "--regid", "0", "--init-groups", "--", "true"], {
    reject: false,
    stdio: "ignore",
  });
  if (!setpriv.failed) return "setpriv";
  const runuser = await execa("runuser", ["-u", "root", "--", "true"], { reject: false, stdio: "ignore" });
  return runuser.failed ? "su" : "runuser";
}

/** By exact name, first in /etc/passwd, then through the name service; never through a shell. */
export async function findUser(name: string): Promise<User | undefined> {
  if (name === "" || /[:\n\0]/.test(name)) return undefined;
  const local = findLine(readFileSync("/etc/passwd", "utf8"), name);
  if (local) return local;
  const { execa } = await loadExeca();
  const { stdout, failed } = await execa("getent", ["passwd", "--", name], { reject: false, stdin: "ignore" });
  // getent takes a number for a uid: only the very name counts
  return failed ? undefined : findLine(String(stdout), name);
}

/** When a user must be looked for: 2 MiB that most agents at rest can do without. */
const loadExeca = () => import("execa");

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
