// Makes docs/api.md: every action, its parameters with their limits, its errors, and how to call it.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ACTIONS } from "@cloud-assistant/control-plane/actions/index";
import type { Action } from "@cloud-assistant/control-plane/actions/action";
import { ECS_VERSION, OOS_VERSION, RAM_VERSION, STS_VERSION } from "@cloud-assistant/shared/api/versions";
import { describeInput } from "./api-page/describe-input.ts";
import { TOLD } from "./api-page/examples.ts";
import { aliyunLine, snippets, type Api } from "./api-page/snippets.ts";
import { root } from "./step.ts";

export const API_PAGE = join(root, "docs", "api.md");

/** The errors published for an action (api-facts 4): a test provokes each, or says why it cannot be. */
const DOCUMENTED = JSON.parse(
  readFileSync(join(root, "test", "fixtures", "api", "documented-errors.json"), "utf8"),
) as Record<string, [number, string, string][]>;
/** Where nothing is published. */
const PARAMETER_STORE_ERRORS =
  "`MissingParameter`, `InvalidParameter`, `EntityNotExists.Parameter`, `EntityAlreadyExists.Parameter`, `ParameterStore.NotSupported`, `InvalidResourceGroup.NotFound`";

const HEAD = `# The API

Made by \`npm run docs\` from the schemas that check the requests; a test compares. Names, types and errors are those of the original, so its SDKs, its
CLI and Terraform work with another endpoint and nothing else. Errors in full, and which of them no request can reach: [errors](errors.md). Any action may
also answer the errors of the gateway there, \`MissingParameter\` and \`InvalidParameter\` among them. Unknown parameters are ignored.

Clients, once:

\`\`\`ts
import Ecs, * as models from "@alicloud/ecs20140526";
import { $OpenApiUtil } from "@alicloud/openapi-core";
const client = new Ecs.default(new $OpenApiUtil.Config({ endpoint: "127.0.0.1:8080", protocol: "http", regionId: "cn-hangzhou", accessKeyId, accessKeySecret }));
\`\`\`

\`\`\`python
from alibabacloud_ecs20140526 import client as ecs, models
from alibabacloud_tea_openapi.models import Config
client = ecs.Client(Config(endpoint="127.0.0.1:8080", protocol="http", access_key_id=access_key_id, access_key_secret=access_key_secret))
\`\`\`

\`\`\`go
client, err := ecs.NewClient(&openapi.Config{Endpoint: tea.String("127.0.0.1:8080"), Protocol: tea.String("http"), AccessKeyId: id, AccessKeySecret: secret})
\`\`\`
`;

const SECTIONS = [
  ["ecs", ECS_VERSION, "Cloud Assistant"],
  ["oos", OOS_VERSION, "Parameter Store"],
  ["ram", RAM_VERSION, "Accounts, users, keys, policies"],
  ["sts", STS_VERSION, "Temporary keys"],
] as const;

export function apiPage(): string {
  const sections = SECTIONS.map(([api, version, title]) => {
    const named = [...(ACTIONS.get(version)?.values() ?? [])].toSorted((a, b) => (a.name < b.name ? -1 : 1));
    return `## ${title} (${api.toUpperCase()} ${version})\n\n${named.map((action) => describe(api, action)).join("\n")}`;
  });
  return `${HEAD}\n${sections.join("\n")}`;
}

function describe(api: Api, { name, input, mutates }: Action): string {
  const told = TOLD[name];
  if (!told) throw new Error(`scripts/api-page/examples.ts says nothing about ${name}`);
  const rows = describeInput(input).map(
    (parameter) =>
      `| ${parameter.name} | ${parameter.takes} | ${parameter.required ? "required" : parameter.byDefault} |`,
  );
  return [
    `### ${name}\n`,
    `${told.summary} ${mutates ? "" : "Changes nothing."}`.trim(),
    rows.length > 0 ? `\n| parameter | takes | default |\n|---|---|---|\n${rows.join("\n")}` : "\nNo parameters.",
    `\nErrors: ${errorsOf(api, name)}.`,
    `\n${told.cli ? `\`\`\`sh\ncloud-assistant ${told.cli}\n\`\`\`` : calls(api, name, givenOf(name, input))}\n`,
  ].join("\n");
}

/** The example, with the region where the action takes one. */
export function givenOf(name: string, input: Action["input"]): Readonly<Record<string, unknown>> {
  const regional = describeInput(input).some((parameter) => parameter.name === "RegionId");
  return { ...(regional && { RegionId: "cn-hangzhou" }), ...TOLD[name]?.example };
}

function errorsOf(api: Api, name: string): string {
  if (api === "oos") return PARAMETER_STORE_ERRORS;
  const accountOnly = api === "ram" || name === "AssumeRole" ? ["NoPermission"] : [];
  const told =
    api === "ecs" ? (DOCUMENTED[name] ?? []).map(([, code]) => code) : [...(TOLD[name]?.errors ?? []), ...accountOnly];
  const codes = told.map((code) => `\`${code}\``);
  return codes.length > 0 ? codes.join(", ") : "those of the gateway";
}

function calls(api: Api, name: string, given: Readonly<Record<string, unknown>>): string {
  const { TypeScript, Python, Go } = snippets(api, name, given);
  const blocks = [
    ["ts", TypeScript],
    ["python", Python],
    ["go", Go],
    ["sh", aliyunLine(api, name, given)],
  ] as const;
  return blocks.map(([language, code]) => `\`\`\`${language}\n${code}\n\`\`\``).join("\n");
}
