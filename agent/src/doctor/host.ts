import { existsSync, statfsSync } from "node:fs";
import { request } from "node:http";
import { openCgroups } from "../launch/cgroups.ts";
import { findProgram } from "../launch/start-script.ts";
import { defaultUser, findUser, switchTo } from "../launch/users.ts";
import type { Judgement } from "./finding.ts";
import { judgeCgroup, judgeDisk, judgeEngines, judgePrograms, judgeUsers, NEEDED } from "./judge.ts";

const MORE_SHELLS = ["bash", "zsh", "python3"];
/** Where container engines listen, by engine. */
const ENGINE_SOCKETS: Readonly<Record<string, string>> = {
  docker: "/run/docker.sock",
  podman: "/run/podman/podman.sock",
  containerd: "/run/containerd/containerd.sock",
};
/** For an answer over a local socket, milliseconds. */
const ENGINE_MS = 3_000;

export function examineDisk(stateDir: string): Judgement {
  const { bavail, bsize, ffree, files } = statfsSync(stateDir);
  return judgeDisk({ freeBytes: bavail * bsize, freeFiles: ffree, totalFiles: files });
}

export function examinePrograms(): Judgement {
  const missing = NEEDED.filter((name) => findProgram(name, "/") === undefined);
  return judgePrograms(
    missing,
    MORE_SHELLS.map((name) => findProgram(name, "/")).filter((path) => path !== undefined),
  );
}

export function examineCgroup(): Judgement {
  const cgroups = openCgroups(`doctor${process.pid}`);
  cgroups?.close();
  return judgeCgroup(cgroups !== undefined);
}

export async function examineUsers(): Promise<Judgement> {
  const own = defaultUser();
  const other = own.uid === 0 ? await findUser("nobody") : undefined;
  return judgeUsers((other && (await switchTo(other))) ?? "none", own.name);
}

export async function examineEngines(sockets = ENGINE_SOCKETS): Promise<Judgement> {
  const there = Object.entries(sockets).filter(([, path]) => existsSync(path));
  const engines = await Promise.all(
    there.map(async ([engine, path]) => ({ name: `${engine} (${path})`, answering: await isAnswering(path) })),
  );
  const names = (wanted: boolean): string[] =>
    engines.flatMap(({ name, answering }) => (answering === wanted ? [name] : []));
  return judgeEngines(names(true), names(false));
}

/** Whether something takes a connection there and says a word; containerd speaks HTTP/2 and hangs up, which will do. */
function isAnswering(socketPath: string): Promise<boolean> {
  return new Promise((resolve) => {
    const asked = request({ socketPath, path: "/_ping", timeout: ENGINE_MS }, (answer) => {
      answer.resume();
      resolve(true);
    });
    asked.on("timeout", () => asked.destroy(new Error("no answer")));
    asked.on("error", ({ code }: NodeJS.ErrnoException) =>
      resolve(code === "HPE_INVALID_CONSTANT" || code === "ECONNRESET"),
    );
    asked.end();
  });
}
