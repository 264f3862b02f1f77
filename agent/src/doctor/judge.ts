import { failed, ok, skipped, warning, type Judgement } from "./finding.ts";

const MIB = 1024 * 1024;
/** Below this a run's output may not fit, bytes. */
const LOW_DISK_BYTES = 512 * MIB;
/** Below this not even the records of a run are sure to fit, bytes. */
const NO_DISK_BYTES = 32 * MIB;
const LOW_FILES = 10_000;
/** The clock of HTTP's `Date` has whole seconds and the answer takes its time, so less than this says nothing, milliseconds. */
const CLOCK_NOISE_MS = 2_000;
const WRONG_CLOCK_MS = 60_000;
const DAY_MS = 24 * 60 * 60 * 1000;
const RENEW_DAYS = 21;

/** `totalFiles` is 0 where the file system has no limit. */
export type Disk = { readonly freeBytes: number; readonly freeFiles: number; readonly totalFiles: number };

export function judgeDisk({ freeBytes, freeFiles, totalFiles }: Disk): Judgement {
  const found = `${Math.floor(freeBytes / MIB)} MiB free`;
  const advice = "free some space, or move the agent with --state-dir";
  if (freeBytes < NO_DISK_BYTES) return failed(found, advice);
  if (totalFiles > 0 && freeFiles < LOW_FILES)
    return warning(`${found}, but ${freeFiles} files more`, "remove files: the file system is out of inodes soon");
  return freeBytes < LOW_DISK_BYTES
    ? warning(found, `${advice}: a run that prints much may lose the middle of its output`)
    : ok(found);
}

/** @param aheadMs this host's clock minus the server's, milliseconds; undefined when the server did not tell its own */
export function judgeClock(aheadMs: number | undefined): Judgement {
  if (aheadMs === undefined) return skipped("the server did not tell its time");
  const found =
    Math.abs(aheadMs) < CLOCK_NOISE_MS
      ? "agrees with the server's"
      : `${Math.round(Math.abs(aheadMs) / 1000)} s ${aheadMs > 0 ? "ahead of" : "behind"} the server's`;
  if (Math.abs(aheadMs) < WRONG_CLOCK_MS) return ok(found);
  return warning(found, "set one of the two right (timedatectl set-ntp true): schedules go by this host's clock");
}

/** @param validToMs end of the certificate, milliseconds since the epoch */
export function judgeCertificate(validToMs: number, nowMs: number): Judgement {
  const days = Math.floor((validToMs - nowMs) / DAY_MS);
  const found = days < 0 ? `expired ${-days} days ago` : `valid for ${days} days`;
  return days < RENEW_DAYS ? warning(found, "renew the server's certificate") : ok(found);
}

/** @param status of the agent; `pid` null when none runs */
export function judgeAgent({
  pid,
  connected,
}: {
  readonly pid: number | null;
  readonly connected: boolean;
}): Judgement {
  if (pid === null) return failed("no agent runs", "start it: cloud-assistant agent");
  const found = `process ${pid}, ${connected ? "connected" : "not connected"}`;
  return connected ? ok(found) : failed(found, "see the other checks and the agent's log for the reason");
}

/** The programs a run is started with, and what each is for. */
export const NEEDED = ["sh", "dd", "cat", "rm", "wc", "setsid"] as const;

/** @param missing of `NEEDED` @param shells found beside sh, by path */
export function judgePrograms(missing: readonly string[], shells: readonly string[]): Judgement {
  if (missing.length > 0)
    return failed(
      `${missing.join(", ")} cannot be found`,
      "install coreutils and util-linux, or busybox, in a directory of the scripts' PATH",
    );
  return ok(shells.length === 0 ? "sh" : `sh, ${shells.join(", ")}`);
}

/** @param usable whether a cgroup v2 can be made below the agent's own */
export function judgeCgroup(usable: boolean): Judgement {
  if (usable) return ok("cgroup v2: a script is ended with everything it started");
  return warning(
    "no cgroup v2 can be made",
    "run the agent as root, or by systemd with Delegate=yes, on a kernel from 5.14 on; until then a process that left group, session and environment of its script outlives it",
  );
}

/** @param by the program that switches, `none` when the agent is not root */
export function judgeUsers(by: string, user: string): Judgement {
  if (by === "none")
    return warning(`scripts can run as ${user} alone`, "run the agent as root if scripts shall name a user");
  const how = `scripts can run as any user, by ${by}`;
  return by === "su"
    ? warning(how, "install util-linux: su asks PAM, which may refuse users without a password or shell")
    : ok(how);
}

/** @param answering sockets of engines that answered @param silent sockets that are there and did not */
export function judgeEngines(answering: readonly string[], silent: readonly string[]): Judgement {
  if (silent.length > 0)
    return warning(
      `${silent.join(", ")} does not answer`,
      "start the engine, or give the agent's user the right to its socket",
    );
  return answering.length === 0 ? skipped("no container engine found") : ok(answering.join(", "));
}
