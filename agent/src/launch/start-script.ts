import { accessSync, constants, statSync } from "node:fs";
import { isAbsolute, join, resolve } from "node:path";
import { launcherWords, parseLauncher, type Launcher } from "@cloud-assistant/shared/launcher";
import type { RunEnd } from "@cloud-assistant/shared/protocol/run-end";
import { SANE_PATH } from "./launch-helper.ts";

/** What stands before the name of a plugin of the original agent; doubled it belongs to a program's name. @see agent-facts 3.4 */
const PLUGIN = "@";
/** Of a script file whose launcher does not name it. */
const DEFAULT_EXTENSION = ".sh";

/** @param cwd where the script will run: a program with a slash in its name is looked for from there */
export function checkLauncher(text: string, cwd: string): Launcher | { readonly end: RunEnd } {
  const launcher = parseLauncher(text);
  if ("reason" in launcher)
    return {
      end: {
        how: "invalid",
        errorCode: "InvalidLauncher",
        errorInfo: `the launcher ${launcher.reason}`.slice(0, 1024),
      },
    };
  const program = launcherWords(launcher, "")[0] ?? "";
  const notFound = (why: string): { readonly end: RunEnd } => ({
    end: {
      how: "failed",
      errorCode: "LauncherNotFound",
      errorInfo: `the launcher's program ${program.slice(0, 256)} ${why}`,
    },
  });
  if (!program.startsWith(PLUGIN))
    return findProgram(program, cwd) ? launcher : notFound("was not found on this host, or cannot be executed");
  if (!program.startsWith(PLUGIN + PLUGIN)) return notFound("would be a plugin, which this agent does not have");
  const [[first = "", ...others] = [], ...words] = launcher.words;
  const plain: Launcher = { ...launcher, words: [[first.slice(PLUGIN.length), ...others], ...words] };
  return findProgram(program.slice(PLUGIN.length), cwd)
    ? plain
    : notFound("was not found on this host, or cannot be executed");
}

/** The script's own file, beside the one that is started. */
export function scriptFileName({ extension = DEFAULT_EXTENSION }: Launcher): string {
  return `main${extension}`;
}

/** A script for the shell that becomes the launcher's program; every word is quoted, so the shell finds nothing in it. */
export function startScript(launcher: Launcher, scriptPath: string): string {
  const words = launcherWords(launcher, scriptPath).map((word) => `'${word.replaceAll("'", "'\\''")}'`);
  return `exec ${words.join(" ")}\n`;
}

/** In the PATH that scripts get. */
export function findProgram(name: string, cwd: string): string | undefined {
  if (name === "") return undefined;
  const places =
    isAbsolute(name) || name.includes("/")
      ? [resolve(cwd, name)]
      : SANE_PATH.split(":").map((directory) => join(directory, name));
  return places.find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
