// Runs a TypeScript file of ours with a Node that can (22.18 or newer), installing the packages first if it must. This is
// what the README's commands start with, so it is plain JavaScript for Node 20.
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { constants } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { ensureInstalled } from "./install.mjs";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const [script, ...args] = process.argv.slice(2);
if (script === undefined) {
  console.error("usage: node scripts/with-node.mjs SCRIPT.ts [ARGUMENT…]");
  process.exit(1);
}

await ensureInstalled(root);
const node = findNode();
// Node 22 warns of type stripping at every start
const child = spawn(node, ["--disable-warning=ExperimentalWarning", join(root, script), ...args], {
  stdio: "inherit",
  env: { ...process.env, PATH: `${dirname(node)}${delimiter}${process.env.PATH}` },
});
const atTerminal = [process.stdin, process.stdout, process.stderr].some(({ isTTY }) => isTTY);
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
  // what a terminal sends on Ctrl-C it sends to the child as well
  process.on(signal, () => (atTerminal && signal === "SIGINT") || child.kill(signal));
}
child.once("error", (error) => {
  console.error(`${node} cannot be started: ${error.message}`);
  process.exit(1);
});
child.once("exit", (code, signal) => process.exit(code ?? 128 + (constants.signals[signal] ?? 0)));

/** The Node asked for, else the installed one, else this one. */
function findNode() {
  const asked = process.env.CLOUD_ASSISTANT_NODE;
  if (asked) return asked;
  const installed = ["x64", "arm64"].map((arch) => join(root, "node_modules", `node-linux-${arch}`, "bin", "node"));
  const found = installed.find((path) => existsSync(path));
  if (found) return found;
  const [major, minor] = process.versions.node.split(".").map(Number);
  if (major > 22 || (major === 22 && minor >= 18)) return process.execPath;
  console.error(
    `Node ${process.versions.node} is too old, and none could be installed here: install Node 22.18 or newer.`,
  );
  process.exit(1);
}
