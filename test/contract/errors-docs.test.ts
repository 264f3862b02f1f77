import { readFileSync } from "node:fs";
import type { ErrorEntry } from "@cloud-assistant/shared/api/error-entry";
import { API_ERRORS } from "@cloud-assistant/shared/errors";
import { expect, test } from "vitest";

test("docs/errors.md and the table say the same", () => {
  const page = readFileSync(new URL("../../docs/errors.md", import.meta.url), "utf8");
  const documented = Array.from(
    page.matchAll(/^\| (\d{3}) \| `([^`]+)` \| (.*?) \|(?: (\w+))? \|$/gm),
    ([, status, code, message, action]) => [status, code, message, action ?? ""].join(" | "),
  );
  const table = Object.entries<ErrorEntry>(API_ERRORS).flatMap(
    ([code, { httpStatus, message, messages = {}, statuses = {} }]) => [
      [httpStatus, code, message, ""].join(" | "),
      ...[...new Set([...Object.keys(messages), ...Object.keys(statuses)])].map((action) =>
        [statuses[action] ?? httpStatus, code, messages[action] ?? message, action].join(" | "),
      ),
    ],
  );
  expect(documented).toEqual(table);
});
