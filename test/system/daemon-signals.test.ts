import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { expect, test } from "vitest";
import { startCliStack } from "../support/cli-stack.ts";
import { waitFor } from "../support/wait-for.ts";

test("a stop that comes twice, as a wrapper passes it on, lets server and agent close in peace", async () => {
  const stack = await startCliStack(1);
  const [agent] = stack.agents;
  if (!agent) throw new Error("no agent");
  for (const { child, ended } of [agent.process, stack.server()]) {
    // not the same signal twice, which the kernel may deliver once; and at once: a process that is almost over has no handler
    child.kill("SIGTERM");
    child.kill("SIGHUP");
    expect({ exitCode: (await ended).exitCode, signal: child.signalCode }).toEqual({ exitCode: 0, signal: null });
  }
  await stack.close();
});

test.each(["never starts", "never closes"])(
  "a daemon that %s ends at once by a second signal, and says so",
  async (fault) => {
    const program = join(import.meta.dirname, "..", "support", "stuck-daemon.ts");
    const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", program, fault], {
      stdio: ["ignore", "pipe", "pipe"],
    });
    let [stdout, stderr] = ["", ""];
    child.stdout.on("data", (data) => (stdout += String(data)));
    child.stderr.on("data", (data) => (stderr += String(data)));
    const closed = once(child, "close");
    await waitFor(() => stdout.includes("started"), { withinMs: 30_000 });
    let signals = 0;
    await waitFor(() => (child.kill("SIGTERM") ? void signals++ : true), {
      withinMs: 30_000,
      what: "the program to end",
    });
    expect(await closed).toEqual([128 + 15, null]);
    expect(signals).toBeGreaterThan(2); // those of the first second are the same wish
    expect(stdout).toBe(fault === "never closes" ? "started\nclosing\n" : "started\n");
    expect(stderr).toBe(
      "SIGTERM again: ended at once, without closing. Nothing is lost: scripts that run go on, and the next start takes up from here.\n",
    );
  },
);
