import type { Command } from "commander";
import { Client } from "./client.ts";
import { findCredentials, type CredentialOptions } from "./credentials.ts";

/** The options of every command that calls the API. */
export function withCredentials(command: Command): Command {
  return command
    .option("--endpoint <url>", "the control plane (else CLOUD_ASSISTANT_ENDPOINT)")
    .option("--profile <name>", "a profile of ~/.config/cloud-assistant/profiles.json")
    .option("--data-dir <dir>", "on the control plane's own machine: find endpoint and root key there");
}

export function openClient(options: CredentialOptions): Client {
  return new Client(findCredentials(options, process.env));
}

/** For options that may be given many times. */
export function collect(value: string, before: readonly string[] = []): string[] {
  return [...before, value];
}

export function parsePair(text: string): [string, string] {
  const at = text.indexOf("=");
  if (at < 1) throw new Error(`"${text}" is not KEY=VALUE`);
  return [text.slice(0, at), text.slice(at + 1)];
}

export function wholeNumber(text: string): number {
  if (!/^\d+$/.test(text)) throw new Error(`"${text}" is not a whole number`);
  return Number(text);
}

/** Columns as wide as their longest cell; text from hosts is shown without control characters. */
export function printTable(rows: readonly (readonly string[])[]): void {
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => (row[column] ?? "").length))) ?? [];
  for (const row of rows) console.log(row.map((cell, column) => visible(cell).padEnd(widths[column] ?? 0)).join("  ").trimEnd());
}

export function visible(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}]/gu, "·");
}
