#!/usr/bin/env node
// Plain JavaScript for any Node from 20 on: runs ../src/main.ts in this very process when it can (22.18 or newer strips
// types by itself), else in a newer Node found under a node_modules from here upwards.
import { spawn } from "node:child_process";
import { existsSync, realpathSync } from "node:fs";
import { constants } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const here = dirname(realpathSync(fileURLToPath(import.meta.url)));
const main = join(here, "..", "src", "main.ts");

if (stripsTypes(process.versions.node)) {
  quietTypeStripping();
  await import(pathToFileURL(main).href);
} else {
  runWith(findNode(here));
}

function stripsTypes(version) {
  const [major, minor] = version.split(".").map(Number);
  return major > 22 || (major === 22 && minor >= 18);
}

/** Node 22 warns of its own feature at every start; every other warning is shown. */
function quietTypeStripping() {
  const emitWarning = process.emitWarning;
  process.emitWarning = (warning, ...rest) => {
    if (!String(warning).startsWith("Type Stripping")) emitWarning.call(process, warning, ...rest);
  };
}

function findNode(from) {
  for (let directory = from; ; directory = dirname(directory)) {
    for (const arch of ["x64", "arm64"]) {
      const node = join(directory, "node_modules", `node-linux-${arch}`, "bin", "node");
      if (existsSync(node)) return node;
    }
    if (directory === dirname(directory)) {
      console.error(
        `Node ${process.versions.node} is too old for cloud-assistant: install Node 22.18 or newer, or run npm install in its repository.`,
      );
      process.exit(125);
    }
  }
}

/** Signals go to the child, its end becomes ours. */
function runWith(node) {
  const child = spawn(node, [main, ...process.argv.slice(2)], { stdio: "inherit" });
  const signals = ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT", "SIGUSR1", "SIGUSR2", "SIGWINCH", "SIGCONT"];
  // what a terminal sends on Ctrl-C it sends to the child as well
  const atTerminal = [process.stdin, process.stdout, process.stderr].some(({ isTTY }) => isTTY);
  for (const signal of signals) {
    const sentToBoth = atTerminal && (signal === "SIGINT" || signal === "SIGQUIT");
    process.on(signal, () => sentToBoth || child.kill(signal));
  }
  child.once("error", (error) => {
    console.error(`${node} cannot be started: ${error.message}`);
    process.exit(125);
  });
  child.once("exit", (code, signal) => {
    if (signal === null) process.exit(code ?? 125);
    for (const name of signals) process.removeAllListeners(name);
    process.kill(process.pid, signal);
    process.exitCode = 128 + (constants.signals[signal] ?? 0);
  });
}
