// Makes the tables of docs/errors.md anew; its words stay as they are.
import { join } from "node:path";
import { ACTION_ERRORS } from "@cloud-assistant/shared/api/action-errors";
import { ASSET_ERRORS } from "@cloud-assistant/shared/api/asset-errors";
import type { ErrorEntry } from "@cloud-assistant/shared/api/error-entry";
import { IDENTITY_ERRORS } from "@cloud-assistant/shared/api/identity-errors";
import { GATEWAY_ERRORS, OWN_ERRORS } from "@cloud-assistant/shared/api/gateway-errors";
import { SESSION_ERRORS } from "@cloud-assistant/shared/api/session-errors";
import { UNREACHABLE } from "../test/support/unreachable-errors.ts";
import { root } from "./step.ts";

export const ERRORS_PAGE = join(root, "docs", "errors.md");

/** In the order of the page's tables. */
const TABLES: readonly Readonly<Record<string, ErrorEntry>>[] = [
  { ...ACTION_ERRORS, ...ASSET_ERRORS, ...SESSION_ERRORS },
  GATEWAY_ERRORS,
  OWN_ERRORS,
  IDENTITY_ERRORS,
];

function toRows(table: Readonly<Record<string, ErrorEntry>>): string {
  return Object.entries(table)
    .flatMap(([code, { httpStatus, message, messages = {}, statuses = {} }]) => [
      `| ${httpStatus} | \`${code}\` | ${message} | |\n`,
      ...[...new Set([...Object.keys(messages), ...Object.keys(statuses)])].map(
        (action) =>
          `| ${statuses[action] ?? httpStatus} | \`${code}\` | ${messages[action] ?? message} | ${action} |\n`,
      ),
    ])
    .join("");
}

/** The page with its tables as they must be. */
export function errorsPage(page: string): string {
  const tables = [...TABLES];
  const unreachable = Object.entries(UNREACHABLE).map(
    ([code, { at, why }]) => `| \`${code}\` | ${at?.join(", ") ?? "everywhere"} | ${why} |\n`,
  );
  const reasons = (text: string): string =>
    text.replace(
      /(\| code \| at \| why \|\n\|---\|---\|---\|\n)(?:\|.*\|\n)*/,
      (_, head: string) => head + unreachable.join(""),
    );
  return reasons(page).replace(
    /(\| HTTP \| code \| message \| only at \|\n\|---\|---\|---\|---\|\n)(?:\|.*\|\n)*/g,
    (_, head: string) => {
      return head + toRows(tables.shift() ?? {});
    },
  );
}
