import { execFileSync } from "node:child_process";
import { userInfo } from "node:os";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { makeStateDir, openHost, stopOf, taskOf, type Host } from "./host.ts";

const root = userInfo().uid === 0;
if (!root) console.log("skipped: running scripts as another user needs root");

describe.runIf(root)("as another user", () => {
  const name = `ca-test-${process.pid}`;
  const group = `${name}-g`;
  const state = makeStateDir();
  let host: Host;
  beforeAll(async () => {
    execFileSync("groupadd", [group]);
    execFileSync("useradd", [
      "--system",
      "--no-create-home",
      "--home-dir",
      "/nonexistent",
      "--shell",
      "/bin/sh",
      "--groups",
      group,
      name,
    ]);
    host = await openHost(state.path, { graceMs: 50 });
  });
  afterAll(async () => {
    await host.engine.close();
    execFileSync("userdel", [name]);
    execFileSync("groupdel", [group]);
    state.remove();
  });

  test("the script is that user, with all of its groups and its environment", async () => {
    const { output, end } = await host.run(
      taskOf("id -un; id -Gn; echo $HOME $USER $LOGNAME $SHELL; pwd", { username: name }),
    );
    expect(end).toMatchObject({ how: "exited", exitCode: 0 });
    const [user, groups, environment, cwd] = output.toString().split("\n");
    expect(user).toBe(name);
    expect(groups?.split(" ").toSorted()).toEqual([name, group].toSorted());
    expect(environment).toBe(`/nonexistent ${name} ${name} /bin/sh`);
    expect(cwd).toBe("/");
  });

  test("every way to write to the own output works", async () => {
    const { output } = await host.run(
      taskOf("echo 1; echo 2 >/dev/stdout; echo 3 >/dev/stderr; echo 4 >/dev/fd/1; echo 5 | tee /dev/stderr", {
        username: name,
      }),
    );
    expect(output.toString()).toBe("1\n2\n3\n4\n5\n5\n");
  });

  test("it reads its own script and nothing else of the run", async () => {
    const { output } = await host.run(
      taskOf(
        'cat "$0" >/dev/null && echo own; cd "${0%/script/run}" && ls . status task.json; cat task.json status ../../ledger',
        { username: name },
      ),
    );
    const lines = output.toString().split("\n").filter(Boolean);
    expect(lines[0]).toBe("own");
    for (const line of lines.slice(1)) expect(line).toMatch(/Permission denied|task\.json$|status$/);
    expect(lines.filter((line) => line.includes("Permission denied"))).toHaveLength(4);
  });

  test("it cannot signal what watches it, and is ended with its tree", async () => {
    const order = taskOf(
      "trap '' TERM; kill -KILL $PPID; (setsid sleep 1000 &); echo ready; while :; do sleep 1; done",
      {
        username: name,
        terminationMode: "ProcessTree",
      },
    );
    await host.engine.take(order, false);
    await host.printed(order, "ready");
    await host.engine.take(stopOf(order), false);
    const { end } = await host.ended(order);
    expect(end).toMatchObject({ how: "stopped", exitCode: 137, kill: { left: 0 } });
  });

  test("a directory it may not enter ends the script with 126, before anything ran", async () => {
    const { end, output } = await host.run(taskOf("echo ran", { username: name, workingDir: "/root" }));
    expect(end).toMatchObject({ how: "exited", exitCode: 126 });
    expect(output.toString()).not.toContain("ran");
  });

  test("without a home there is no default directory", async () => {
    const order = taskOf("echo ran", { username: name });
    delete order.workingDir;
    const { end } = await host.run(order);
    expect(end).toMatchObject({ how: "invalid", errorCode: "DefaultWorkingDirectoryNotAvailable" });
  });
});
