#!/usr/bin/env node
// Starts the command line with a Node that runs TypeScript (22.18 or newer): this one, or the one the workspace brought.
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const main = join(here, "..", "src", "main.ts");
const [major, minor] = process.versions.node.split(".").map(Number);

if (major > 22 || (major === 22 && minor >= 18)) {
  process.removeAllListeners("warning"); // "Type Stripping is an experimental feature" is no news to our users
  await import(main);
} else {
  const node = ["x64", "arm64"].map((arch) => join(here, "..", "..", "node_modules", `node-linux-${arch}`, "bin", "node")).find(existsSync);
  if (!node) {
    console.error(`Node ${process.versions.node} is too old: install Node 22.18 or newer, or run \`npm test\` once in the repository.`);
    process.exit(125);
  }
  const child = spawn(node, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], { stdio: "inherit" });
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
  child.on("exit", (code, signal) => (signal ? process.kill(process.pid, signal) : process.exit(code ?? 125)));
}
