// `npm run check`: types, lint, format, and the tests that need nothing real. Under 20 s.
import { runQuietly, type Step } from "./step.ts";

const STATIC: readonly Step[] = [
  { name: "types", tool: "tsc", args: ["-p", "."] },
  { name: "lint", tool: "oxlint", args: ["--quiet"] },
  { name: "format", tool: "oxfmt", args: ["--check", "."] },
];
const TESTS: Step = {
  name: "unit and architecture tests",
  tool: "vitest",
  args: ["run", "--project", "unit", "--project", "architecture"],
};

/** @returns the names of those that failed */
export async function checkStatically(): Promise<string[]> {
  const oks = await Promise.all(STATIC.map(runQuietly));
  return STATIC.filter((_, index) => !oks[index]).map(({ name }) => name);
}

if (import.meta.main) {
  const failed = await checkStatically();
  if (!(await runQuietly(TESTS))) failed.push(TESTS.name);
  if (failed.length > 0) {
    console.log(`failed: ${failed.join(", ")}`);
    process.exitCode = 1;
  }
}
