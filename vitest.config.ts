import { defineConfig } from "vitest/config";

/** Pure tests share a process: loading the modules anew for each file takes three times as long as the tests. */
const project = (name: string, timeoutSeconds: number, { isolate = true } = {}) => ({
  test: {
    name,
    include: [`test/${name}/**/*.test.ts`],
    isolate,
    testTimeout: timeoutSeconds * 1000,
    hookTimeout: timeoutSeconds * 1000,
  },
});

export default defineConfig({
  test: {
    retry: 0,
    pool: "forks",
    maxWorkers: 2,
    projects: [
      project("unit", 20, { isolate: false }),
      project("architecture", 20, { isolate: false }),
      project("contract", 60),
      project("process", 120),
      project("system", 120),
      project("faults", 600),
    ],
  },
});
