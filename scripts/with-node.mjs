// Runs a TypeScript file of ours with a Node that can (22.18 or newer), installing the workspace first if it must.
// Plain JavaScript for Node 20: this is what the README's commands start with on a fresh clone.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const [script, ...args] = process.argv.slice(2);

install();
const node = findNode();
const ran = spawnSync(node, ["--disable-warning=ExperimentalWarning", join(root, script), ...args], {
  stdio: "inherit",
  env: { ...process.env, PATH: `${dirname(node)}:${process.env.PATH}` },
});
process.exit(ran.status ?? 1);

/**
 * npm install when node_modules is missing or older than the lock file's content. Not `npm ci`: that refuses a lock file
 * without the packages of platforms that the registry at hand does not carry.
 */
function install() {
  const lock = join(root, "package-lock.json");
  const installed = join(root, "node_modules", ".package-lock.json");
  const stamp = join(root, "node_modules", ".installed-lock");
  if (existsSync(installed) && existsSync(stamp) && readFileSync(stamp, "utf8") === readFileSync(lock, "utf8")) return;
  console.error("Installing the workspace's packages (npm install) …");
  const npm = spawnSync("npm", ["install", "--no-audit", "--no-fund", "--loglevel=error"], { cwd: root, stdio: ["ignore", 2, 2] });
  if (npm.status !== 0) {
    console.error("npm install failed; see above.");
    process.exit(1);
  }
  writeFileSync(stamp, readFileSync(lock));
}

function findNode() {
  const own = ["x64", "arm64"].map((arch) => join(root, "node_modules", `node-linux-${arch}`, "bin", "node")).find(existsSync);
  const asked = process.env.CLOUD_ASSISTANT_NODE;
  if (asked) return asked;
  if (own) return own;
  const [major, minor] = process.versions.node.split(".").map(Number);
  if (major > 22 || (major === 22 && minor >= 18)) return process.execPath;
  console.error(`Node ${process.versions.node} is too old and no newer one could be installed: install Node 22.18 or newer.`);
  process.exit(1);
}
