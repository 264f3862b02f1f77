// Runs the whole suite on a real Node of another major version, called by its path. npm puts the workspace's own Node first in
// PATH, so `node` would prove nothing. usage: node scripts/with-node.mjs scripts/test-node.ts [MAJOR]
import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { root } from "./step.ts";

const [major = "22", ...args] = process.argv.slice(2);
const architecture = process.arch === "arm64" ? "arm64" : "x64";
const prefix = join(root, ".cache", `node${major}`);
mkdirSync(prefix, { recursive: true });
const installed = spawnSync(
  "npm",
  [
    "install",
    "--prefix",
    prefix,
    "--no-save",
    "--no-audit",
    "--no-fund",
    "--loglevel=error",
    `node-linux-${architecture}@${major}`,
  ],
  { stdio: ["ignore", 2, 2], cwd: prefix },
);
if (installed.status !== 0) throw new Error(`Node ${major} could not be installed into .cache/node${major}; see above`);

const node = join(prefix, "node_modules", `node-linux-${architecture}`, "bin", "node");
console.log(`Running the tests on Node ${execFileSync(node, ["--version"], { encoding: "utf8" }).trim()} by its path`);
const { status } = spawnSync(
  node,
  ["--disable-warning=ExperimentalWarning", join(root, "scripts", "test.ts"), ...args],
  {
    stdio: "inherit",
    env: { ...process.env, PATH: `${dirname(node)}:${process.env["PATH"]}`, CLOUD_ASSISTANT_NODE: node },
  },
);
process.exitCode = status ?? 1;
