export type Interpreter = { readonly program: string; readonly argument: string };

export const SHELL: Interpreter = { program: "/bin/sh", argument: "" };

/**
 * What runs the script: its `#!` line (a program and at most one argument, as the kernel reads it), else the shell. The
 * file itself is never executed, so a file system mounted `noexec` does not matter.
 * @see execve(2), "Interpreter scripts"
 */
export function interpreterOf(content: Uint8Array): Interpreter {
  if (content[0] !== 0x23 || content[1] !== 0x21) return SHELL;
  const [line = ""] = Buffer.from(content.subarray(2, 258)).toString("utf8").split(/\r?\n/, 1);
  const found = /^[ \t]*(\/[^ \t]+)[ \t]*(.*?)[ \t]*$/.exec(line);
  return found?.[1] ? { program: found[1], argument: found[2] ?? "" } : SHELL;
}
