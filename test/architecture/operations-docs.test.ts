import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { ConfigSchema as AgentConfig } from "@cloud-assistant/agent/config";
import { ConfigSchema as ControlPlaneConfig } from "@cloud-assistant/control-plane/config";

const page = readFileSync(join(import.meta.dirname, "..", "..", "docs", "operations.md"), "utf8");

type Facts = { readonly unit: string; readonly default: unknown; readonly reason: string };
type Schema = { readonly shape: Readonly<Record<string, { meta: () => unknown }>> };

/** The rows docs/operations.md must have: a setting is described where it is declared, and nowhere else. */
function toRows({ shape }: Schema): string[] {
  return Object.entries(shape).map(([name, field]) => {
    const { unit, default: byDefault, reason } = field.meta() as Facts;
    return `| \`${name}\` | \`${String(byDefault)}\` | ${unit} | ${reason} |`;
  });
}

function rowsUnder(heading: string): string[] {
  const [, section = ""] = page.split(`### ${heading}\n`);
  return (section.split("\n#")[0] ?? "").split("\n").filter((line) => line.startsWith("| `"));
}

test.each([
  ["Settings of the control plane", ControlPlaneConfig],
  ["Settings of the agent", AgentConfig],
] as const)("docs/operations.md lists the %s as they are declared", (heading, schema) => {
  expect(rowsUnder(heading)).toEqual(toRows(schema));
});
