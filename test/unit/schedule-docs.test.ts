import { readFileSync } from "node:fs";
import { join } from "node:path";
import { SCHEDULE_ERRORS } from "@cloud-assistant/shared/schedule/refusal";
import { expect, test } from "vitest";
import { runsOf } from "../support/schedules.ts";

const page = readFileSync(join(import.meta.dirname, "..", "..", "docs", "schedules.md"), "utf8");
const examples = Array.from(
  page.matchAll(/^\| `([^`]+)` \| (\d{4}-[^|]+?) \| (\d{4}-[^|]+?) \|$/gm),
  ([, expression = "", after = "", runs = ""]) => ({
    expression,
    after,
    runs: runs.split(", "),
  }),
);

test("the page has examples", () => {
  expect(examples.length).toBeGreaterThan(10);
});

test.each(examples)("docs/schedules.md is right about $expression after $after", ({ expression, after, runs }) => {
  expect(runsOf(expression, after, runs.length)).toEqual(runs);
});

test("docs/schedules.md lists the codes of refusals as they are declared", () => {
  const listed = Array.from(page.matchAll(/^\| `([A-Z]\w+)` \| ([^|]+) \|$/gm), ([, code, text]) => [code, text]);
  expect(listed).toEqual(Object.entries(SCHEDULE_ERRORS));
});
