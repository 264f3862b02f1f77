import { InvalidArgumentError, Option, type Command } from "commander";

/** `K=v`, collected: the first `=` parts them. A key given twice is refused. */
export function collectPair(text: string, pairs: Readonly<Record<string, string>> = {}): Record<string, string> {
  const at = text.indexOf("=");
  if (at < 1) throw new InvalidArgumentError("it wants KEY=VALUE");
  const key = text.slice(0, at);
  if (Object.hasOwn(pairs, key)) throw new InvalidArgumentError(`${key} was given before`);
  return Object.fromEntries([...Object.entries(pairs), [key, text.slice(at + 1)]]); // defines, so that __proto__ stays data
}

export function collect(text: string, list: readonly string[] = []): string[] {
  return [...list, text];
}

export function wholeNumber(from: number, to = Number.MAX_SAFE_INTEGER): (text: string) => number {
  return (text) => {
    const number = /^\d{1,16}$/.test(text) ? Number(text) : NaN;
    if (number >= from && number <= to) return number;
    throw new InvalidArgumentError(
      `it wants a whole number, ${to === Number.MAX_SAFE_INTEGER ? `at least ${from}` : `${from} to ${to}`}`,
    );
  };
}

/** What every command that calls the API takes. */
export function withAccess(command: Command): Command {
  return command
    .addOption(
      new Option(
        "--data-dir <dir>",
        "data directory of a control plane on this machine: finds its address and root key",
      ).conflicts("profile"),
    )
    .addOption(new Option("--profile <name>", "name in ~/.config/cloud-assistant/profiles.json"))
    .addOption(new Option("--endpoint <url>", "address of the control plane, instead of the one found"))
    .addOption(new Option("--region <id>", "region id of the control plane"));
}

export const ACCESS_HELP = `
Access: --data-dir, --profile, then CLOUD_ASSISTANT_ENDPOINT with ALIBABA_CLOUD_ACCESS_KEY_ID and
ALIBABA_CLOUD_ACCESS_KEY_SECRET, then the profile "default", then a control plane's default data directory.`;

export function examples(...lines: string[]): string {
  return `\nExamples:\n${lines.map((line) => `  $ ${line}`).join("\n")}`;
}
