// `npm test`: types and lint, then every vitest project, the quick ones first. Arguments go to vitest. The last line
// is `N passed, N failed, N skipped`; a check that fails counts as one.
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { checkStatically } from "./check.ts";
import { root, runShown } from "./step.ts";

const PROJECTS = ["unit", "architecture", "contract", "process", "system", "faults"] as const;

type Counts = { passed: number; failed: number; skipped: number };
type VitestReport = { numPassedTests: number; numFailedTests: number; numPendingTests: number; numTodoTests: number };

console.log(`Node ${process.versions.node}`);
const total: Counts = { passed: 0, failed: (await checkStatically()).length, skipped: 0 };
const directory = mkdtempSync(join(tmpdir(), "cloud-assistant-test-"));
try {
  for (const project of PROJECTS) {
    if (!hasTests(project)) continue;
    const counts = await runProject(project, join(directory, `${project}.json`));
    for (const key of ["passed", "failed", "skipped"] as const) total[key] += counts[key];
  }
} finally {
  rmSync(directory, { recursive: true });
}
if (total.passed + total.failed === 0) {
  console.log("no test ran");
  process.exitCode = 1;
}
if (total.failed > 0) process.exitCode = 1;
console.log(`\n${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);

async function runProject(project: string, reportFile: string): Promise<Counts> {
  console.log(`\n── ${project} ──`);
  // with a file asked for, most projects have none
  const filters = process.argv.length > 2 ? ["--passWithNoTests", ...process.argv.slice(2)] : [];
  const reporters = ["--reporter=default", "--reporter=json", `--outputFile=${reportFile}`];
  const exitCode = await runShown({
    tool: "vitest",
    args: ["run", "--project", project, ...reporters, ...filters],
  });
  const counts = existsSync(reportFile)
    ? toCounts(JSON.parse(readFileSync(reportFile, "utf8")) as VitestReport)
    : { passed: 0, failed: 0, skipped: 0 };
  // a file that cannot be loaded, an unhandled error or a crash of the runner fails no test by name
  return exitCode !== 0 && counts.failed === 0 ? { ...counts, failed: 1 } : counts;
}

function toCounts(report: VitestReport): Counts {
  return {
    passed: report.numPassedTests,
    failed: report.numFailedTests,
    skipped: report.numPendingTests + report.numTodoTests,
  };
}

function hasTests(project: string): boolean {
  const folder = join(root, "test", project);
  return (
    existsSync(folder) && readdirSync(folder, { recursive: true }).some((name) => String(name).endsWith(".test.ts"))
  );
}
