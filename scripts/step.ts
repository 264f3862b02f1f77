import { spawn } from "node:child_process";
import { join } from "node:path";

export const root = join(import.meta.dirname, "..");

/** Programs of ours in JavaScript, by the path below `node_modules`: run by this very Node, whatever `node` is elsewhere. */
export const TOOLS = {
  tsc: "typescript/bin/tsc",
  oxlint: "oxlint/bin/oxlint",
  oxfmt: "oxfmt/bin/oxfmt",
  vitest: "vitest/vitest.mjs",
} as const;

export type Step = { readonly name: string; readonly tool: keyof typeof TOOLS; readonly args: readonly string[] };

/** Runs a tool with its output held back until it ends, so that steps at the same time do not mix theirs. */
export async function runQuietly({ name, tool, args }: Step): Promise<boolean> {
  const startedMs = performance.now();
  const child = spawn(process.execPath, [toolPath(tool), ...args], { cwd: root, stdio: ["ignore", "pipe", "pipe"] });
  const output: Buffer[] = [];
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (data: Buffer) => output.push(data));
  const ok = (await ended(child)) === 0;
  if (!ok) process.stdout.write(Buffer.concat(output));
  console.log(`${name}: ${ok ? "ok" : "failed"} (${((performance.now() - startedMs) / 1000).toFixed(1)} s)`);
  return ok;
}

/** Runs a tool with its output shown as it comes. @param env beside this environment @returns its exit code */
export async function runShown({
  tool,
  args,
  env,
}: Omit<Step, "name"> & { readonly env?: Readonly<Record<string, string>> }): Promise<number> {
  return ended(
    spawn(process.execPath, [toolPath(tool), ...args], {
      cwd: root,
      stdio: "inherit",
      env: { ...process.env, ...env },
    }),
  );
}

function toolPath(tool: keyof typeof TOOLS): string {
  return join(root, "node_modules", TOOLS[tool]);
}

function ended(child: ReturnType<typeof spawn>): Promise<number> {
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => resolve(code ?? 1));
  });
}
