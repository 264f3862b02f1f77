import { parsePolicy, PolicyFault } from "@cloud-assistant/control-plane/policy/document";
import { OPERATORS } from "@cloud-assistant/control-plane/policy/operators";
import { SYSTEM_POLICIES } from "@cloud-assistant/control-plane/policy/system-policies";
import * as fc from "fast-check";
import { expect, test } from "vitest";

const statement = { Effect: "Allow", Action: "ecs:RunCommand", Resource: "*" };
const document = (changes: object = {}): string =>
  JSON.stringify({ Version: "1", Statement: [{ ...statement, ...changes }] });
const condition = (operator: string, key: string, value: unknown): string =>
  document({ Condition: { [operator]: { [key]: value } } });

test("a text, a list, a single statement and values without quotes are read", () => {
  const read = parsePolicy(
    JSON.stringify({
      Version: "1",
      Statement: {
        Effect: "Deny",
        NotAction: ["ecs:Describe*", "ecs:List*"],
        NotResource: "acs:ecs:*:*:instance/*",
        Condition: { NumericLessThan: { "ecs:tag/rank": 5 }, Bool: { "acs:RequestTag/test": [true, "false"] } },
      },
    }),
  );
  expect(read.statements).toMatchObject([
    {
      effect: "Deny",
      actions: { not: true, patterns: ["ecs:Describe*", "ecs:List*"] },
      resources: { not: true, patterns: ["acs:ecs:*:*:instance/*"] },
      conditions: [
        { name: "NumericLessThan", key: "ecs:tag/rank", values: ["5"] },
        { name: "Bool", key: "acs:RequestTag/test", values: ["true", "false"] },
      ],
    },
  ]);
});

test.each([
  ["{", "the document is not JSON"],
  ["[]", "the document must be an object"],
  ['{"Version":"1","Version":"1","Statement":[]}', '"Version" is there twice'],
  ['{"Version":"1","Statement":[{"Effect":"Deny","Effect":"Allow"}]}', '"Effect" is there twice'],
  ['{"Statement":[]}', 'Version must be "1"'],
  ['{"Version":"2012-10-17","Statement":[]}', 'Version must be "1"'],
  ['{"Version":"1","Statement":[]}', "Statement is empty"],
  ['{"Version":"1"}', "Statement 1 must be an object"],
  ['{"Version":"1","Statement":[],"Id":"x"}', 'the document: there is no "Id": did you mean'],
  [document({ Efect: "Deny" }), 'Statement 1: there is no "Efect": did you mean Effect?'],
  [document({ Effect: "allow" }), 'Effect must be "Allow" or "Deny"'],
  [document({ NotAction: "ecs:*" }), "it wants either Action or NotAction"],
  [document({ Action: undefined }), "it wants either Action or NotAction"],
  [document({ Action: [] }), "Statement 1, Action is an empty list"],
  [document({ Action: [{}] }), "must be a text or a list of texts"],
  [document({ Action: "RunCommand" }), '"RunCommand" is not * or SERVICE:ACTION'],
  [document({ Resource: "instance/mi-1" }), '"instance/mi-1" is not * or acs:'],
  [document({ Resource: "acs:ecs:*" }), '"acs:ecs:*" is not * or acs:'],
  [document({ Condition: [] }), "Condition must be an object"],
  [condition("StringEqual", "ecs:CommandRunAs", "a"), "there is no operator StringEqual: did you mean StringEquals?"],
  [condition("ForAnyValue:StringEquals", "ecs:CommandRunAs", "a"), "there is no operator ForAnyValue:StringEquals"],
  [
    condition("StringEquals", "ecs:CommandRunas", "a"),
    "no request here has the condition key ecs:CommandRunas: did you mean ecs:CommandRunAs?",
  ],
  [condition("Bool", "acs:SecureTransport", "false"), "no request here has the condition key acs:SecureTransport"],
  [condition("StringEquals", "runAs", "a"), '"runAs" is not a condition key'],
  [condition("StringEquals", "ecs:tag/", "a"), "no request here has the condition key ecs:tag/"],
  [
    condition("StringEquals", "acs:SourceIp", "10.0.0.1"),
    "acs:SourceIp cannot be compared by a String operator, only by Ip",
  ],
  [condition("IpAddress", "acs:SourceIp", "10.0.0.0/33"), '"10.0.0.0/33" is not a value for it'],
  [condition("IpAddress", "acs:SourceIp", ""), '"" is not a value for it'],
  [condition("DateLessThan", "acs:CurrentTime", "2026-11-24T09:00:00"), "is not a value for it"],
  [condition("DateLessThan", "acs:CurrentTime", "2026-13-24"), "is not a value for it"],
  [condition("NumericEquals", "ecs:tag/a", "1e3"), '"1e3" is not a value for it'],
  [condition("Bool", "ecs:tag/a", "yes"), '"yes" is not a value for it'],
  [condition("StringEquals", "ecs:CommandRunAs", []), "is an empty list"],
  [condition("StringEquals", "ecs:CommandRunAs", "x".repeat(7000)), "the document has more than 6144 characters"],
  [condition("StringLike", "ecs:CommandRunAs", "x".repeat(513)), "a value has more than 512 characters"],
  [condition("StringLike", "ecs:CommandRunAs", "a*".repeat(17)), "has more than 16 *"],
  [document({ Resource: `acs:ecs:*:*:instance/${"*a".repeat(15)}` }), "has more than 16 *"],
  [document({ Action: `ecs:${"x".repeat(510)}` }), "a value has more than 512 characters"],
  [`${"[".repeat(3000)}${"]".repeat(3000)}`, "the document must be an object"],
  [document({ Condition: JSON.parse(`${'{"a":'.repeat(500)}1${"}".repeat(500)}`) }), "there is no operator a"],
])("refused: %s", (text, fault) => {
  expect(() => parsePolicy(text)).toThrow(fault);
  expect(() => parsePolicy(text)).toThrow(PolicyFault);
});

test("an operator that is not there is refused, whatever it is called", () => {
  const names = fc.oneof(
    fc.string(),
    fc.constantFrom(...OPERATORS.keys()).map((name) => `${name}IfExists`),
  );
  fc.assert(
    fc.property(names, (name) => {
      fc.pre(!OPERATORS.has(name) && name !== "__proto__");
      expect(() => parsePolicy(condition(name, "oss:Prefix", "a"))).toThrow(PolicyFault);
    }),
  );
});

test("conditions on other services are theirs to know", () => {
  expect(parsePolicy(condition("StringLike", "oss:Prefix", "a/*")).statements).toHaveLength(1);
});

test("any text is either a policy or a fault that says why", () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.json(),
        fc.jsonValue().map((value) => document({ Condition: value })),
      ),
      (text) => {
        let fault: unknown;
        try {
          parsePolicy(text);
        } catch (error) {
          fault = error;
        }
        expect(fault === undefined || fault instanceof PolicyFault).toBe(true);
      },
    ),
  );
});

test("the policies that are there by themselves are policies, named as the original's", () => {
  expect([...SYSTEM_POLICIES.keys()]).toEqual([
    "AdministratorAccess",
    "AliyunECSFullAccess",
    "AliyunECSReadOnlyAccess",
    "AliyunOOSFullAccess",
    "AliyunECSAssistantFullAccess",
    "AliyunECSAssistantReadonlyAccess",
  ]);
});
