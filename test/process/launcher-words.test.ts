import { launcherWords, parseLauncher } from "@cloud-assistant/shared/launcher";
import { execFileSync } from "node:child_process";
import fc from "fast-check";
import { expect, test } from "vitest";

/** Text in which a shell finds words, quotes and escapes, and no operator, variable, pattern, comment or tilde. */
const text = fc.string({ unit: fc.constantFrom(..."ab é\t'\"\\=,-"), maxLength: 24 });

test("a launcher is split into words as the shell of this host does it", () => {
  fc.assert(
    fc.property(text, (words) => {
      const launcher = parseLauncher(`x ${words}`);
      fc.pre(!("reason" in launcher));
      const shell = execFileSync("/bin/sh", ["-c", `set -- ${words}\nfor word do printf '%s\\0' "$word"; done`], {
        encoding: "utf8",
      });
      expect(launcherWords(launcher, "path").slice(1, -1)).toEqual(shell.split("\0").slice(0, -1));
    }),
    { numRuns: 200 },
  );
});
