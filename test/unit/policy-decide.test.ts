import { toKeys } from "@cloud-assistant/control-plane/policy/condition-keys";
import {
  allows,
  decide,
  explainMiss,
  type NamedPolicy,
  type PolicyRequest,
} from "@cloud-assistant/control-plane/policy/decide";
import { parsePolicy } from "@cloud-assistant/control-plane/policy/document";
import { matchesGlob, matchesResource } from "@cloud-assistant/control-plane/policy/glob";
import { SYSTEM_POLICIES } from "@cloud-assistant/control-plane/policy/system-policies";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";

const NOW = "2026-11-24T09:00:00Z";
const arn = (relative: string, account = "1"): string => `acs:ecs:cn-hangzhou:${account}:${relative}`;

type Said = Partial<Parameters<typeof toKeys>[0]>;
function ask(action: string, relative: string, said: Said = {}): PolicyRequest {
  const keys = toKeys({
    sourceIp: "10.1.2.3",
    atMs: Date.parse(NOW),
    resourceTags: [],
    requestTags: [],
    runAs: undefined,
    ...said,
  });
  return { action: `ecs:${action}`, resource: arn(relative), keys };
}
const policy = (name: string, ...statements: object[]): NamedPolicy => ({
  name,
  policy: parsePolicy(JSON.stringify({ Version: "1", Statement: statements })),
});
const allow = (more: object = {}): object => ({ Effect: "Allow", Action: "ecs:*", Resource: "*", ...more });
const allowIf = (operator: string, key: string, value: unknown): NamedPolicy =>
  policy("p", allow({ Condition: { [operator]: { [key]: value } } }));
const system = (name: string): NamedPolicy => {
  const found = SYSTEM_POLICIES.get(name);
  if (!found) throw new Error(`no ${name}`);
  return { name, policy: found.policy };
};

describe("the page on running commands as a regular user", () => {
  // the actions and resources of its examples, in the form of today and with all actions as older versions of the page have it
  const today = { Action: ["ecs:InvokeCommand", "ecs:RunCommand"] };
  const older = {
    Action:
      "DescribeInstances DescribeTagKeys DescribeTags CreateCommand DescribeCommands InvokeCommand RunCommand DeleteCommand DescribeInvocations DescribeInvocationResults StopInvocation DescribeCloudAssistantStatus InstallCloudAssistant"
        .split(" ")
        .map((name) => `ecs:${name}`),
  };
  const resource = { Resource: ["acs:ecs:*:*:instance/*", "acs:ecs:*:*:command/*"] };
  const only = { Condition: { StringEquals: { "ecs:CommandRunAs": ["user01", "user02"] } } };
  const butNot = { Condition: { StringNotEqualsIgnoreCase: { "ecs:CommandRunAs": ["system", "root"] } } };

  test.each([
    [
      "only named users",
      today,
      only,
      { user01: true, user02: true, user03: false, root: false, System: false, User01: false },
    ],
    [
      "all but root and system",
      today,
      butNot,
      { user01: true, anybody: true, root: false, Root: false, SYSTEM: false, System: false },
    ],
    ["only named users, older", older, only, { user01: true, root: false }],
    ["all but root and system, older", older, butNot, { user01: true, root: false, System: false }],
  ])("%s", (_name, actions, when, users) => {
    const policies = [
      policy("commandUserPolicy", { Effect: "Allow", ...actions, ...resource, ...when }),
      system("AliyunECSReadOnlyAccess"),
    ];
    for (const [runAs, allowed] of Object.entries(users)) {
      for (const relative of ["instance/mi-1", "command/*"]) {
        expect([runAs, decide(policies, ask("RunCommand", relative, { runAs })).decision]).toEqual([
          runAs,
          allowed ? "Allow" : "Deny",
        ]);
      }
    }
    expect(decide(policies, ask("DescribeInvocationResults", "instance/*")).decision).toBe("Allow");
    expect(decide(policies, ask("CreateActivation", "activation/*")).decision).toBe("Deny");
  });
});

describe("conditions", () => {
  const said = {
    runAs: "app",
    resourceTags: [
      { key: "env", value: "lab" },
      { key: "rank", value: "07" },
      { key: "spare", value: "TRUE" },
    ],
    requestTags: [{ key: "job", value: "nightly" }],
  };
  test.each([
    ["StringEquals", "ecs:tag/env", ["prod", "lab"], true],
    ["StringEquals", "acs:ResourceTag/env", "lab", true],
    ["StringEquals", "acs:RequestTag/job", "nightly", true],
    ["StringEquals", "ecs:tag/env", "LAB", false],
    ["StringEquals", "ecs:tag/none", "", false],
    ["StringNotEquals", "ecs:tag/env", ["prod", "lab"], false],
    ["StringNotEquals", "ecs:tag/env", ["prod", "test"], true],
    ["StringNotEquals", "ecs:tag/none", "x", true],
    ["StringEqualsIgnoreCase", "ecs:CommandRunAs", "APP", true],
    ["StringNotEqualsIgnoreCase", "ecs:CommandRunAs", ["root", "App"], false],
    ["StringLike", "ecs:tag/env", "l?b", true],
    ["StringLike", "ecs:tag/env", "L*", false],
    ["StringNotLike", "ecs:tag/env", ["p*", "t*"], true],
    ["NumericEquals", "ecs:tag/rank", 7, true],
    ["NumericNotEquals", "ecs:tag/rank", "7.0", false],
    ["NumericLessThan", "ecs:tag/rank", 7, false],
    ["NumericLessThanEquals", "ecs:tag/rank", 7, true],
    ["NumericGreaterThan", "ecs:tag/rank", "6.5", true],
    ["NumericGreaterThanEquals", "ecs:tag/rank", 8, false],
    ["NumericLessThan", "ecs:tag/env", 7, false],
    ["DateEquals", "acs:CurrentTime", "2026-11-24T17:00:00+08:00", true],
    ["DateNotEquals", "acs:CurrentTime", NOW, false],
    ["DateLessThan", "acs:CurrentTime", "2026-11-25", true],
    ["DateLessThanEquals", "acs:CurrentTime", NOW, true],
    ["DateGreaterThan", "acs:CurrentTime", NOW, false],
    ["DateGreaterThanEquals", "acs:CurrentTime", "2026-11-24T08:59:59.999Z", true],
    ["Bool", "ecs:tag/spare", "true", true],
    ["Bool", "ecs:tag/spare", false, false],
    ["Bool", "ecs:tag/none", false, false],
    ["IpAddress", "acs:SourceIp", ["192.168.0.0/16", "10.0.0.0/8"], true],
    ["IpAddress", "acs:SourceIp", "10.1.2.4", false],
    ["IpAddress", "acs:SourceIp", "fd00::/8", false],
    ["NotIpAddress", "acs:SourceIp", ["192.168.0.0/16", "10.0.0.0/8"], false],
    ["NotIpAddress", "acs:SourceIp", "10.1.2.4/32", true],
  ])("%s %s %j: %s", (operator, key, value, holds) => {
    const { decision } = decide([allowIf(operator, key, value)], ask("RunCommand", "instance/mi-1", said));
    expect(decision).toBe(holds ? "Allow" : "Deny");
  });

  test("all of a statement's conditions must hold, and what failed is told", () => {
    const both = policy(
      "p",
      allow({ Condition: { StringEquals: { "ecs:CommandRunAs": "app", "ecs:tag/env": "prod" } } }),
    );
    const { because, bearings } = decide([both], ask("RunCommand", "instance/mi-1", said));
    expect(because).toBe("nothing");
    expect(bearings.map(({ miss }) => miss && explainMiss(miss))).toEqual([
      'StringEquals ecs:tag/env: it is "lab", the policy has "prod"',
    ]);
  });
});

test.each([
  ["NotAction", allow({ Action: undefined, NotAction: "ecs:Describe*" }), "RunCommand", "instance/mi-1", true],
  [
    "NotAction",
    allow({ Action: undefined, NotAction: ["ecs:Run*", "ecs:Stop*"] }),
    "RunCommand",
    "instance/mi-1",
    false,
  ],
  [
    "NotResource",
    allow({ Resource: undefined, NotResource: arn("instance/mi-1") }),
    "RunCommand",
    "instance/mi-1",
    false,
  ],
  [
    "NotResource",
    allow({ Resource: undefined, NotResource: arn("instance/mi-1") }),
    "RunCommand",
    "instance/mi-2",
    true,
  ],
  ["letter case of an action", allow({ Action: "ECS:runcommand" }), "RunCommand", "instance/mi-1", true],
  ["letter case of a resource", allow({ Resource: arn("instance/MI-1") }), "RunCommand", "instance/mi-1", false],
  ["another account", allow({ Resource: arn("instance/*", "2") }), "RunCommand", "instance/mi-1", false],
  ["another service", allow({ Action: "oss:*" }), "RunCommand", "instance/mi-1", false],
  ["another kind of resource", allow({ Resource: "acs:ecs:*:*:command/*" }), "RunCommand", "instance/mi-1", false],
])("%s", (_name, statement, action, relative, allowed) => {
  expect(decide([policy("p", statement)], ask(action, relative)).decision).toBe(allowed ? "Allow" : "Deny");
});

test("without a policy, and with policies that have nothing to do with it, the answer is no", () => {
  expect(decide([], ask("RunCommand", "instance/mi-1"))).toEqual({
    decision: "Deny",
    because: "nothing",
    bearings: [],
  });
  expect(decide([policy("p", allow({ Action: "ecs:Stop*" }))], ask("RunCommand", "instance/mi-1")).because).toBe(
    "nothing",
  );
});

const names = ["RunCommand", "StopInvocation", "DescribeInstances"];
const anyStatement = fc.record({
  Effect: fc.constantFrom("Allow", "Deny"),
  Action: fc.constantFrom("*", "ecs:*", "ecs:Describe*", ...names.map((name) => `ecs:${name}`)),
  Resource: fc.constantFrom("*", arn("*"), arn("instance/*"), arn("instance/mi-1"), arn("instance/mi-?")),
  Condition: fc.constantFrom(
    {},
    { StringEquals: { "ecs:CommandRunAs": "root" } },
    { StringNotEquals: { "ecs:CommandRunAs": "root" } },
  ),
});
const anyPolicies = fc
  .array(fc.array(anyStatement, { minLength: 1, maxLength: 3 }), { maxLength: 4 })
  .map((list) => list.map((statements, index) => policy(`p${index}`, ...statements)));
const anyRequest = fc
  .tuple(
    fc.constantFrom(...names),
    fc.constantFrom("instance/mi-1", "instance/mi-22", "command/*"),
    fc.constantFrom("root", "app", undefined),
  )
  .map(([action, relative, runAs]) => ask(action, relative, { runAs }));

test("what is decided with reasons is decided without them too", () => {
  fc.assert(
    fc.property(anyPolicies, anyRequest, (policies, request) => {
      expect(allows(policies, request)).toBe(decide(policies, request).decision === "Allow");
    }),
    { numRuns: 1_000 },
  );
});

test("a Deny wins: with one that fits everything, nothing is allowed", () => {
  const denyAll = policy("deny", { Effect: "Deny", Action: "*", Resource: "*" });
  fc.assert(
    fc.property(anyPolicies, anyRequest, (policies, request) => {
      expect(decide([...policies, denyAll], request)).toMatchObject({ decision: "Deny", because: "denied" });
    }),
  );
});

test("more Denies never allow more, more Allows never deny more", () => {
  fc.assert(
    fc.property(anyPolicies, anyStatement, anyRequest, (policies, statement, request) => {
      const before = decide(policies, request).decision;
      const after = decide([...policies, policy("more", statement)], request).decision;
      expect([before, statement.Effect]).toContain(after);
    }),
  );
});

test("the order of policies changes nothing, and of statements not the decision", () => {
  fc.assert(
    fc.property(anyPolicies, anyRequest, fc.infiniteStream(fc.nat()), (policies, request, random) => {
      const shuffled = policies.map((one) => ({ one, at: random.next().value })).toSorted((a, b) => a.at - b.at);
      expect(
        decide(
          shuffled.map(({ one }) => one),
          request,
        ),
      ).toEqual(decide(policies, request));
      const reversed = policies.map(({ name, policy: { statements } }) => ({
        name,
        policy: { statements: statements.toReversed() },
      }));
      expect(decide(reversed, request).because).toBe(decide(policies, request).because);
    }),
  );
});

test("what is allowed is allowed by an Allow that applies, and by no Deny", () => {
  fc.assert(
    fc.property(anyPolicies, anyRequest, (policies, request) => {
      const { decision, bearings } = decide(policies, request);
      const effects = bearings.filter(({ miss }) => !miss).map(({ effect }) => effect);
      expect(decision === "Allow").toBe(effects.includes("Allow") && !effects.includes("Deny"));
    }),
  );
});

test("wildcards mean what a regular expression would, in text that has them too", () => {
  const text = fc.string({ unit: fc.constantFrom("a", "b", "*", "?", "/"), maxLength: 12 });
  fc.assert(
    fc.property(text, text, (pattern, given) => {
      const wanted = new RegExp(`^${pattern.replaceAll("*", ".*").replaceAll("?", ".")}$`);
      expect(matchesGlob(pattern, given)).toBe(wanted.test(given));
    }),
    { numRuns: 2_000 },
  );
});

test("many stars take no time", () => {
  expect(matchesGlob(`${"a*".repeat(200)}b`, "a".repeat(5_000))).toBe(false);
});

test("no wildcard reaches over a colon, but for the last part", () => {
  expect(matchesResource("acs:ecs:*:1:instance/*", arn("instance/mi-1", "2"))).toBe(false);
  expect(matchesResource("acs:*:*:*:x", "acs:ecs:a:b:c:x")).toBe(false);
  expect(matchesResource("acs:ecs:*:*:*", "acs:ecs:a:b:c:x")).toBe(true);
  expect(matchesResource("*", arn("instance/mi-1"))).toBe(true);
});
