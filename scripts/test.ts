// The whole suite: types and lint, then every vitest project. Closes with one plain line of counts.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { check } from "./check.ts";

type Report = { numPassedTests: number; numFailedTests: number; numPendingTests: number; success: boolean };

console.log(`Node ${process.versions.node}`);
check();

const directory = mkdtempSync(join(tmpdir(), "cloud-assistant-test-"));
const reportFile = join(directory, "report.json");
const vitest = join(import.meta.dirname, "..", "node_modules", "vitest", "vitest.mjs");
const ran = spawnSync(process.execPath, [vitest, "run", "--reporter=default", "--reporter=json", `--outputFile=${reportFile}`, ...process.argv.slice(2)], {
  stdio: "inherit",
  cwd: join(import.meta.dirname, ".."),
});
const report = JSON.parse(readFileSync(reportFile, "utf8")) as Report;
rmSync(directory, { recursive: true });
console.log(`\n${report.numPassedTests} passed, ${report.numFailedTests} failed, ${report.numPendingTests} skipped`);
process.exit(ran.status === 0 && report.success && report.numPassedTests > 0 ? 0 : 1);
