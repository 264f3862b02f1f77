import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { userInfo } from "node:os";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { makeStateDir, openHost, taskOf, type Host } from "./host.ts";

const state = makeStateDir();
const tools = join(state.base, "my tools");
let host: Host;
beforeAll(async () => {
  mkdirSync(tools);
  writeFileSync(join(tools, "show 'em"), '#!/bin/sh\nfor word do printf "<%s>" "$word"; done\n', { mode: 0o755 });
  writeFileSync(join(tools, "@at"), "#!/bin/sh\necho at $#\n", { mode: 0o755 });
  host = await openHost(state.path, { graceMs: 50 });
});
afterAll(async () => {
  await host.engine.close();
  state.remove();
});

const launched = (launcher: string, script: string, more: Parameters<typeof taskOf>[1] = {}) =>
  host.run(taskOf(script, { launcher, workingDir: state.base, ...more }));

describe("a script with a launcher", () => {
  test.each([
    ["sh", 'echo "$0" "$#"', /^.*\/script\/main\.sh 0\n$/],
    [
      `'${process.execPath}' {{ACS::ScriptFileName|Ext(".mjs")}} "one word"`,
      "console.log(process.argv.slice(1).join())",
      /^.*\/script\/main\.mjs,one word\n$/,
    ],
    ["sh -c '. {{ACS::ScriptFileName|Ext(.inc)}}; echo $x'", "x=7", /^7\n$/],
    ["/usr/bin/env A=b sh {{ACS::ScriptFileName}}", 'echo "$A" "$0"', /^b .*\/script\/main\n$/],
    ["cat", "#!/bin/no such shell\n\0\n", /^#!\/bin\/no such shell\n\0\n$/],
  ])("%s", async (launcher, script, printed) => {
    const { output, end } = await launched(launcher, script);
    expect(output.toString()).toMatch(printed);
    expect(end).toMatchObject({ how: "exited", exitCode: 0 });
  });

  test("words and names with blanks and quotes arrive as they are; a relative program is looked for in the working directory", async () => {
    const { output } = await launched(`"./my tools/show 'em" 'a  b' \\$x '' "{{ACS::ScriptFileName}}"`, "");
    expect(output.toString()).toMatch(/^<a {2}b><\$x><><.*\/script\/main>$/);
    expect((await launched(`'${tools}/@at' x`, "")).output.toString()).toBe("at 2\n");
  });

  test("placeholders of the content are filled in as ever", async () => {
    const { output } = await launched("cat", "{{ACS::InstanceName}}", { enableParameter: true });
    expect(output.toString()).toBe("host one");
  });

  test("its exit code and its end by timeout are the script's", async () => {
    expect((await launched("sh", "exit 7")).end).toMatchObject({ how: "exited", exitCode: 7 });
    expect((await launched("sh", "sleep 1000", { timeoutSeconds: 1 })).end).toMatchObject({ how: "timedOut" });
  });

  test.each([
    [
      "no-such-program -x",
      {
        how: "failed",
        errorCode: "LauncherNotFound",
        errorInfo: expect.stringContaining("no-such-program was not found"),
      },
    ],
    ["./my", { how: "failed", errorCode: "LauncherNotFound" }],
    ["/etc/passwd", { how: "failed", errorCode: "LauncherNotFound" }],
    ["'' x", { how: "failed", errorCode: "LauncherNotFound" }],
    ["@plugin x", { how: "failed", errorCode: "LauncherNotFound", errorInfo: expect.stringContaining("plugin") }],
    ["sh 'x", { how: "invalid", errorCode: "InvalidLauncher", errorInfo: "the launcher has a ' without its end" }],
    ["sh {{ACS::InstanceId}}", { how: "invalid", errorCode: "InvalidLauncher" }],
  ])("%s is refused before anything runs", async (launcher, end) => {
    expect((await launched(launcher, "echo ran")).end).toMatchObject(end);
  });
});

const root = userInfo().uid === 0;
if (!root) console.log("skipped: running scripts as another user needs root");

test.runIf(root)("another user can read the script that its launcher is given, and nobody else can", async () => {
  const name = `ca-launch-${process.pid}`;
  execFileSync("useradd", ["--system", "--no-create-home", "--shell", "/bin/sh", name]);
  try {
    const { output, end } = await launched("sh", 'id -un; stat -c "%a %U" "$0" "${0%/*}"', {
      username: name,
      workingDir: "/",
    });
    expect(output.toString()).toBe(`${name}\n500 ${name}\n500 ${name}\n`);
    expect(end).toMatchObject({ how: "exited", exitCode: 0 });
  } finally {
    execFileSync("userdel", [name]);
  }
});
