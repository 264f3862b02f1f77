import { CommanderError } from "commander";
import { CliFailure, OWN_FAILURE } from "./failure.ts";
import { createProgram } from "./program.ts";

/** A reader that goes away (`| head`) ends us as it would any other program: 128 + SIGPIPE. */
const BROKEN_PIPE = 141;

process.stdout.on("error", (error: NodeJS.ErrnoException) =>
  process.exit(error.code === "EPIPE" ? BROKEN_PIPE : OWN_FAILURE),
);

const program = createProgram(process, (exitCode) => {
  process.exitCode = exitCode;
});

try {
  await program.parseAsync(process.argv);
} catch (error) {
  process.exitCode = exitCodeFor(error);
}

function exitCodeFor(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : OWN_FAILURE; // it has said what is wrong
  const { message, stack } = error instanceof Error ? error : new Error(String(error));
  console.error(`cloud-assistant: ${process.env["CLOUD_ASSISTANT_DEBUG"] ? stack : message}`);
  return error instanceof CliFailure ? error.exitCode : OWN_FAILURE;
}
