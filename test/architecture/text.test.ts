import { describe, expect, test } from "vitest";
import { readSources, type SourceFile } from "./source-files.ts";

const OURS = ["shared", "agent", "control-plane", "cli", "scripts", "test"] as const;
const PRODUCT = ["shared/src", "agent/src", "control-plane/src", "cli/src"] as const;
const MAX_LINES = 300;
/** A table of cases is one thing, and the formatter gives each of its rows several lines. */
const MAX_TEST_LINES = 400;

/** `path:line  text` of each line that matches. */
function findLines(files: readonly SourceFile[], pattern: RegExp): string[] {
  return files.flatMap(({ path, text }) =>
    text.split("\n").flatMap((line, index) => (pattern.test(line) ? [`${path}:${index + 1}  ${line.trim()}`] : [])),
  );
}
/** The files of this folder name what they forbid. */
const tests = readSources(["test"]).filter(({ path }) => !path.startsWith("test/architecture/"));

test("no file is longer than 300 lines, no test longer than 400", () => {
  const long = readSources(OURS, [".ts", ".mjs", ".sh"]).map(({ path, text }) => ({
    path,
    lines: text.trimEnd().split("\n").length,
  }));
  expect(long.filter(({ path, lines }) => lines > (path.startsWith("test/") ? MAX_TEST_LINES : MAX_LINES))).toEqual([]);
});

test("the environment is read where a process begins", () => {
  const files = readSources(PRODUCT).filter(({ path }) => !path.endsWith("/main.ts"));
  expect(findLines(files, /process\.env/)).toEqual([]);
});

test("zod is imported as a namespace where the agent bundles it", () => {
  // `import { z }` keeps all of it, translations included: 350 KB of bundle and 9 MiB of an idle agent
  const files = readSources(["shared/src", "agent/src"]);
  expect(findLines(files, /^import \{[^}]*\bz\b[^}]*\} from "zod"/)).toEqual([]);
});

describe("tests", () => {
  test("wait for conditions, never for a time", () => {
    // wait-for.ts pauses between two looks, bench and fixtures are no tests
    const waiting = tests.filter(({ path }) => !/^test\/(?:support\/wait-for\.ts|bench\/|fixtures\/)/.test(path));
    expect(findLines(waiting, /timers\/promises|\bsetTimeout\(\s*(?:resolve|r|done)\b/)).toEqual([]);
  });

  test("are not tried again, and mock nothing of ours", () => {
    expect(findLines(tests, /\bretry:\s*[1-9]|\bvi\.(?:mock|doMock|spyOn|fn|stub\w+)\(|\.retry\(/)).toEqual([]);
  });

  test("run alone for nobody, and are left out only for a stated reason", () => {
    expect(findLines(tests, /\b(?:test|it|describe)\.(?:only|skip|todo)\(/)).toEqual([]);
  });

  test("have names of their own within a file", () => {
    const repeated = tests.flatMap(({ path, text }) => findRepeated(namesOf(text)).map((name) => `${path}: ${name}`));
    expect(repeated).toEqual([]);
  });
});

test("nothing names the machine it was written on", () => {
  const files = readSources([...OURS, "docs"], [".ts", ".mjs", ".sh", ".md", ".json", ".sql"]);
  expect(findLines(files, /\/(?:work|home)\/[a-z]|\/Users\/[a-z]/)).toEqual([]);
});

/** Each test with the name of the `describe` it stands in; by indentation, which the formatter keeps. */
function namesOf(text: string): string[] {
  let group = "";
  return text.split("\n").flatMap((line) => {
    const [, indent = "", kind, name] = /^(\s*)(describe|test|it)\b[^"'`]*(["'`].*?["'`])/.exec(line) ?? [];
    if (kind === undefined || name === undefined) return [];
    if (kind === "describe") {
      group = name;
      return [];
    }
    return [`${indent === "" ? "" : group} ${name}`];
  });
}

function findRepeated(names: readonly string[]): string[] {
  return names.filter((name, index) => names.indexOf(name) !== index);
}
