import { launcherWords, parseLauncher, type Launcher } from "@cloud-assistant/shared/launcher";
import fc from "fast-check";
import { describe, expect, test } from "vitest";

const PATH = "/state/runs/a b/script/run";

function wordsOf(text: string): string[] {
  const launcher = parseLauncher(text);
  if ("reason" in launcher) throw new Error(launcher.reason);
  return launcherWords(launcher, PATH);
}

describe("the words of a launcher", () => {
  test.each<[string, string[]]>([
    ["python3 -u", ["python3", "-u", PATH]],
    ['python3 -u {{ACS::ScriptFileName|Ext(".py")}}', ["python3", "-u", PATH]],
    ["python3 {{acs::scriptfilename | ext( .py ) }} --fast", ["python3", PATH, "--fast"]],
    ['sh -c ". {{ACS::ScriptFileName}}"', ["sh", "-c", `. ${PATH}`]],
    ['"{{ACS::ScriptFileName|Ext(".py")}}" x', [PATH, "x"]],
    ["--file={{ ACS::ScriptFileName }}.bak", [`--file=${PATH}.bak`]],
    ["a'b c'd \"e f\" g\\ h", ["ab cd", "e f", "g h", PATH]],
    [`'a\\b' "c\\d\\"e\\$f" g\\\\h`, ["a\\b", 'c\\d"e$f', "g\\h", PATH]],
    ["x '' \"\"", ["x", "", "", PATH]],
    ["  x\t\n y  ", ["x", "y", PATH]],
    ["a\\\nb $HOME `id` * | ;", ["ab", "$HOME", "`id`", "*", "|", ";", PATH]],
    ["awk {x} }} {{", ["awk", "{x}", "}}", "{{", PATH]],
  ])("%s", (text, words) => {
    expect(wordsOf(text)).toEqual(words);
  });

  test.each<[string, string | undefined]>([
    ["python3", undefined],
    ["python3 {{ACS::ScriptFileName}}", ""],
    ["python3 {{ACS::ScriptFileName|Ext()}}", ""],
    ["python3 {{ACS::ScriptFileName|Ext(py)}}", "py"],
    ['python3 {{ACS::ScriptFileName|Ext(".tar.gz")}}', ".tar.gz"],
  ])("%s: the name ends with %j", (text, extension) => {
    expect((parseLauncher(text) as Launcher).extension).toBe(extension);
  });

  test.each([
    ["", "names no program"],
    ["  ", "names no program"],
    ["x 'y", "has a ' without its end"],
    ['x "y\\"', 'has a " without its end'],
    ["x \\", "ends with a \\ that escapes nothing"],
    ["x\0y", "holds a NUL"],
    ["{{ACS::ScriptFileName}} {{ACS::ScriptFileName}}", "names the script file twice"],
  ])("%j %s", (text, reason) => {
    expect(parseLauncher(text)).toEqual({ reason });
  });

  test.each([
    "{{x}}",
    "{{ACS::InstanceId}}",
    '{{ACS::ScriptFileName|Ext("../x")}}',
    "{{ACS::ScriptFileName|Ext('.py')}}",
    "{{ACS::ScriptFileName|Up()}}",
  ])("nothing but the script file can be put in: %s", (unknown) => {
    expect(parseLauncher(`x ${unknown}`)).toEqual({ reason: expect.stringContaining(`holds ${unknown}: `) });
  });
});

test("any text gives words or a reason, and what was quoted comes back", () => {
  fc.assert(
    fc.property(
      fc.string({ unit: "binary", maxLength: 40 }),
      fc.array(fc.string({ unit: "binary", maxLength: 12 }), { maxLength: 4 }),
      (noise, words) => {
        expect(Object.keys(parseLauncher(noise)).toSorted().join()).toMatch(/^(extension,words|reason)$/);
        const clean = words.map((word) => word.replaceAll(/\0|\{\{/g, ""));
        expect(wordsOf(["x", ...clean.map((word) => `'${word.replaceAll("'", "'\\''")}'`)].join(" "))).toEqual([
          "x",
          ...clean,
          PATH,
        ]);
      },
    ),
  );
});
