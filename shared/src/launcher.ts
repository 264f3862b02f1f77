/**
 * The command line that starts the script file instead of its interpreter (RunCommand, `Launcher`), such as
 * `python3 -u {{ACS::ScriptFileName|Ext(".py")}}`. It is split as a POSIX shell splits words, and nothing of it is ever run
 * by a shell: no variable, pattern or operator means anything. The placeholder is filled in after the splitting, so a path
 * with blanks stays one word; where there is none, the path becomes the last word.
 */
export type Launcher = {
  /** At least one; the first is the program. */
  readonly words: readonly LauncherWord[];
  /** What the name of the script file ends with, as given: `.py`, `py` or empty. Undefined without a placeholder. */
  readonly extension: string | undefined;
};

/** The texts around the path of the script file; one text where the word does not name it. */
export type LauncherWord = readonly string[];

/** Why it cannot be used, in words that end a sentence about "the launcher". */
export type LauncherMistake = { readonly reason: string };

/** Extensions are bare or quoted; agent-facts 2.4. */
const PLACEHOLDER = /\{\{\s*ACS::ScriptFileName\s*(?:\|\s*Ext\(\s*("?)([0-9A-Za-z_.-]{0,64})\1\s*\)\s*)?\}\}/gi;
const ANY_PLACEHOLDER = /\{\{[^]*?\}\}/;
/** Stands for the path until the words are split: no argument of a program can hold it. */
const PATH = "\0";
const BLANK = /\s/u;
/** Within double quotes a backslash disappears before these alone. @see POSIX.1-2024, Shell Command Language, 2.2.3 */
const ESCAPED_IN_QUOTES = /[$`"\\]/;

/** @param text at most 1 KB (`InvalidLauncher.LengthLimitExceeded`) */
export function parseLauncher(text: string): Launcher | LauncherMistake {
  if (text.includes(PATH)) return { reason: "holds a NUL" };
  const [found, another] = text.matchAll(PLACEHOLDER);
  if (another) return { reason: "names the script file twice" };
  const marked = text.replace(PLACEHOLDER, PATH);
  const [unknown] = ANY_PLACEHOLDER.exec(marked) ?? [];
  if (unknown !== undefined)
    return { reason: `holds ${unknown}: {{ACS::ScriptFileName}} alone can be used in it, also with |Ext(".py")` };
  const words = splitWords(marked);
  if (!Array.isArray(words)) return words;
  if (words.length === 0) return { reason: "names no program" };
  return { words: words.map((word) => word.split(PATH)), extension: found && (found[2] ?? "") };
}

/** @returns program and arguments */
export function launcherWords({ words, extension }: Launcher, scriptPath: string): string[] {
  const filled = words.map((parts) => parts.join(scriptPath));
  return extension === undefined ? [...filled, scriptPath] : filled;
}

/** Quotes and backslashes as a POSIX shell takes them; a backslash before a line feed joins the lines. */
function splitWords(text: string): string[] | LauncherMistake {
  const words: string[] = [];
  let word: string | undefined;
  let quote = "";
  for (let at = 0; at < text.length; at += 1) {
    const character = text.charAt(at);
    const next = text.charAt(at + 1);
    if (quote === "" && BLANK.test(character)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else if (character === quote) {
      quote = "";
    } else if (quote === "" && (character === "'" || character === '"')) {
      quote = character;
      word ??= "";
    } else if (character === "\\" && quote !== "'" && next === "\n") {
      at += 1;
    } else if (character === "\\" && quote === "" && next === "") {
      return { reason: "ends with a \\ that escapes nothing" };
    } else if (character === "\\" && (quote === "" || (quote === '"' && ESCAPED_IN_QUOTES.test(next)))) {
      word = (word ?? "") + next;
      at += 1;
    } else {
      word = (word ?? "") + character;
    }
  }
  if (quote !== "") return { reason: `has a ${quote} without its end` };
  if (word !== undefined) words.push(word);
  return words;
}
