import { parsePolicy, type Policy } from "./document.ts";

const allow = (action: string | readonly string[]): object => ({ Effect: "Allow", Action: action, Resource: "*" });

const READ = ["ecs:Describe*", "ecs:List*"];
const ASSISTANT = [
  "Command",
  "Invocation",
  "CloudAssistant",
  "SendFile",
  "Activation",
  "ManagedInstance",
  "TerminalSession",
];

const DOCUMENTS: Readonly<Record<string, readonly object[]>> = {
  AdministratorAccess: [allow("*")],
  AliyunECSFullAccess: [allow("ecs:*")],
  AliyunECSReadOnlyAccess: [allow(READ)],
  AliyunOOSFullAccess: [allow("oos:*")],
  AliyunECSAssistantFullAccess: [allow([...ASSISTANT.map((noun) => `ecs:*${noun}*`), "ecs:DescribeInstances"])],
  AliyunECSAssistantReadonlyAccess: [
    allow([...ASSISTANT.map((noun) => `ecs:Describe*${noun}*`), "ecs:DescribeInstances"]),
  ],
};

/**
 * Policies that are there in every account and cannot be changed, named as the original's. Those of ECS as published, without
 * the parts about networks; those of Cloud Assistant by what they are for, as their text is not published.
 * @see https://www.alibabacloud.com/help/doc-detail/273911.htm
 */
export const SYSTEM_POLICIES: ReadonlyMap<string, { readonly document: string; readonly policy: Policy }> = new Map(
  Object.entries(DOCUMENTS).map(([name, statements]) => {
    const document = JSON.stringify({ Version: "1", Statement: statements });
    return [name, { document, policy: parsePolicy(document) }];
  }),
);
