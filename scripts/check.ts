// Types and lint; ends the process on the first that fails. `npm run check` adds the fast suites.
import { spawnSync } from "node:child_process";
import { join } from "node:path";

const root = join(import.meta.dirname, "..");

export function check(): void {
  run("types", "node_modules/typescript/bin/tsc", "-p", ".");
  run("lint", "node_modules/oxlint/bin/oxlint", "--quiet");
}

function run(name: string, program: string, ...args: string[]): void {
  const startedAt = performance.now();
  const { status } = spawnSync(process.execPath, [join(root, program), ...args], { stdio: "inherit", cwd: root });
  console.log(`${name}: ${status === 0 ? "ok" : "failed"} (${((performance.now() - startedAt) / 1000).toFixed(1)} s)`);
  if (status !== 0) process.exit(1);
}

if (import.meta.main) {
  check();
  run("unit and architecture", "node_modules/vitest/vitest.mjs", "run", "--project", "unit", "--project", "architecture");
}
