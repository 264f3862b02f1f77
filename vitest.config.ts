import { defineConfig } from "vitest/config";

const project = (name: string, timeoutSeconds: number) => ({
  test: {
    name,
    include: [`test/${name}/**/*.test.ts`],
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
      project("unit", 20),
      project("architecture", 20),
      project("contract", 60),
      project("process", 120),
      project("system", 120),
      project("faults", 600),
    ],
  },
});
