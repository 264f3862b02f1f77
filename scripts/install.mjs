// Plain JavaScript for Node 20, from Node's own modules alone: it runs on a fresh clone with nothing installed.
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { createServer } from "node:net";
import { delimiter, join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";

/** Between two tries for the lock of the install, milliseconds. */
const LOCK_RETRY_MS = 250;

/** Installs what package-lock.json names, unless all of it is there. Of several at once one installs and the others wait. */
export async function ensureInstalled(root) {
  if (missingPackage(root) === undefined) return;
  const held = await lock(root);
  try {
    const missing = missingPackage(root); // another one may have installed it by now
    if (missing === undefined) return;
    console.error(`Installing the packages of this repository with npm install (${missing} is not there) …`);
    const failure = await install(root, held);
    const still = missingPackage(root);
    if (failure === undefined && still === undefined) return;
    console.error(`${failure ?? `npm install left out ${still}`}. Run it again, or look above for the reason.`);
    process.exit(1);
  } finally {
    held?.close();
  }
}

/** npm gets the lock as one more open file, so it is held until npm has ended even if we are killed before. */
async function install(root, held) {
  const npm = spawn("npm", ["install", "--no-audit", "--no-fund", "--loglevel=error"], {
    cwd: root,
    // oxlint-disable-next-line no-underscore-dangle -- a server has no public name for its descriptor
    stdio: ["ignore", 2, 2, ...(held ? [held._handle.fd] : [])],
    // npm may replace what is in node_modules: its own node must not be the one from there
    env: { ...process.env, PATH: pathWithout(join(root, "node_modules")) },
  });
  try {
    const [code, signal] = await once(npm, "exit");
    return code === 0 ? undefined : `npm install ended with ${signal ?? `exit code ${code}`}`;
  } catch (error) {
    return `npm cannot be started: ${error.message}`;
  }
}

/**
 * The first package of package-lock.json that is not installed in that version. npm writes the list it is compared with at the
 * end of an install; one that was interrupted has none, or an older one.
 */
export function missingPackage(root) {
  const wanted = readPackages(join(root, "package-lock.json"));
  const listed = readPackages(join(root, "node_modules", ".package-lock.json"));
  if (!wanted) throw new Error("package-lock.json is missing or damaged; take it from the repository again");
  if (!listed) return "node_modules";
  for (const [path, { version, link, optional, devOptional }] of Object.entries(wanted)) {
    if (!path.startsWith("node_modules/")) continue; // the workspaces themselves
    const entry = listed[path];
    if (!entry && (optional || devOptional)) continue; // for another system than this
    if (!entry || entry.version !== version || entry.link !== link) return path;
    if (!existsSync(join(root, path, "package.json"))) return path;
  }
  return undefined;
}

function readPackages(path) {
  try {
    return JSON.parse(readFileSync(path, "utf8")).packages;
  } catch {
    return undefined;
  }
}

/**
 * Holds a name only one process can have: an abstract socket, which the kernel frees when its holder dies, however it dies.
 * Linux alone has those; elsewhere nothing is locked.
 */
async function lock(root) {
  if (process.platform !== "linux") return undefined;
  const name = `\0cloud-assistant-install-${createHash("sha256").update(root).digest("hex")}`;
  for (let told = false; ; told = true) {
    const server = createServer();
    try {
      await once(server.listen(name), "listening");
      return server;
    } catch (error) {
      if (error.code !== "EADDRINUSE") throw error;
      if (!told) console.error("Another process is installing the packages; waiting for it …");
      await pause(LOCK_RETRY_MS);
    }
  }
}

function pathWithout(directory) {
  return (process.env.PATH ?? "")
    .split(delimiter)
    .filter((entry) => entry !== directory && !entry.startsWith(`${directory}/`))
    .join(delimiter);
}
