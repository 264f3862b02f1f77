import { PassThrough } from "node:stream";
import type { Command } from "commander";
import type { Io } from "cloud-assistant/io";
import { createProgram } from "cloud-assistant/program";
import { expect, test } from "vitest";

/** The paths of all commands that are no groups. */
function leaves({ commands }: Command, path: readonly string[] = []): string[] {
  return commands.flatMap((command) =>
    command.commands.length > 0 ? leaves(command, [...path, command.name()]) : [[...path, command.name()].join(" ")],
  );
}

function open(): { program: Command; told: () => string } {
  const stdout = new PassThrough();
  const io: Io = { stdin: new PassThrough(), stdout, stderr: new PassThrough(), env: {} };
  return { program: createProgram(io, () => undefined), told: () => String(stdout.read() ?? "") };
}

test.each(leaves(open().program))("%s has help with an example", async (path) => {
  const { program, told } = open();
  await expect(program.parseAsync(["node", "cloud-assistant", ...path.split(" "), "--help"])).rejects.toMatchObject({
    exitCode: 0,
  });
  expect(told()).toContain(`$ cloud-assistant ${path}`);
});
