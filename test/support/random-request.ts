import type { Action } from "@cloud-assistant/control-plane/actions/action";
import * as fc from "fast-check";
import { describeInput, type Parameter } from "../../scripts/api-page/describe-input.ts";

/** What earlier requests made, so that later ones meet it; any of it may be gone. */
export type Known = Readonly<
  Record<
    "instance" | "command" | "invocation" | "activation" | "parameter" | "user" | "policy" | "key" | "role",
    string[]
  >
>;

export type RandomRequest = { readonly action: Action; readonly parameters: Readonly<Record<string, string>> };

const weird = fc.oneof(
  fc.string({ unit: "binary", maxLength: 40 }),
  fc.constantFrom(
    "",
    " ",
    "0",
    "-1",
    "1e9",
    "true",
    "null",
    "{}",
    "[]",
    '{"a":{}}',
    "\u0000",
    "*",
    "x".repeat(1100),
    "é".repeat(600),
  ),
);
/** Six right ones to a weird one: a request has several, and one that is wrong is enough. */
const mostly = (right: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  fc.oneof({ weight: 6, arbitrary: right }, { weight: 1, arbitrary: weird });
const oneOf = (...words: readonly string[]): fc.Arbitrary<string> => fc.constantFrom(...words);
/** Of a list that grows. */
const anyOf = (list: readonly string[]): fc.Arbitrary<string> => fc.nat().map((n) => list[n % list.length] ?? "none");

const content = fc.oneof(
  oneOf("ZWNobyAx", "ZWNobyB7e3dob319"), // Base64, which some actions take by default
  oneOf(
    "echo 1",
    "echo {{who}}",
    "echo {{ WHO\n}} {{ACS::InstanceId}}",
    "{{}}",
    "{{a b}}",
    "<<ACS::RegionId>>",
    "ZWNobyAx",
    "echo {{oos:a}}",
  ),
  fc.string({ unit: "binary", maxLength: 200 }),
  oneOf("x".repeat(18_432), "x".repeat(18_433)),
);
const policy = oneOf(
  '{"Version":"1","Statement":[{"Effect":"Allow","Action":"ecs:*","Resource":"*"}]}',
  '{"Version":"1","Statement":[{"Effect":"Deny","Action":["ecs:RunCommand"],"Resource":["*"],"Condition":{"StringNotEqualsIgnoreCase":{"ecs:CommandRunAs":["app"]}}}]}',
  '{"Version":"1","Statement":[{"Effect":"Maybe"}]}',
);

/** Right values of parameters that a schema has no words for. */
function rightValues(known: Known): Readonly<Record<string, fc.Arbitrary<string>>> {
  return {
    CommandContent: content,
    CommandId: anyOf(known.command),
    InvokeId: anyOf(known.invocation),
    InstanceId: anyOf(known.instance),
    ActivationId: anyOf(known.activation),
    ResourceId: fc.oneof(...[known.instance, known.command, known.invocation, known.activation].map(anyOf)),
    InstanceIds: anyOf(known.instance).map((id) => JSON.stringify([id])),
    UserName: anyOf(known.user),
    UserAccessKeyId: anyOf(known.key),
    PolicyName: anyOf(known.policy),
    PolicyDocument: policy,
    Policy: policy,
    ActionName: oneOf("ecs:RunCommand", "RunCommand"),
    Resource: oneOf("*", "acs:ecs:cn-hangzhou:*:instance/*"),
    RoleArn: anyOf(known.role),
    ResourceType: oneOf("command", "managedinstance", "invocation", "activation"),
    DurationSeconds: oneOf("900"),
    TagKey: oneOf("k", "os"),
    InstanceName: oneOf("web-1", "db"),
    Names: anyOf(known.parameter).map((name) => JSON.stringify([name])),
    Value: oneOf("v", "8080"),
    Constraints: oneOf('{"AllowedValues":["v"]}', '{"MinLength":1}'),
    Tags: oneOf('{"k":"v"}'),
    Parameters: oneOf('{"who":"me"}', "{}", '{"who":"{{who}}"}', '{"who":1}', '{"a":"1","a":"2"}'),
    Frequency: oneOf("rate(5m)", "rate(1d)", "0 0 3 ? * *", "at(2099-01-01 00:00:00)"),
    ResourceGroupId: oneOf("rg-default", "rg-1"),
    OssOutputDelivery: oneOf("oss://b/x", "oss://other"),
    ContainerId: oneOf("a".repeat(64)),
    ClientToken: oneOf("t1", "t2", "t3"),
    IpAddressRange: oneOf("10.0.0.0/8"),
    WorkingDir: oneOf("/tmp"),
    TargetDir: oneOf("/etc"),
    NextToken: weird,
    Filter: weird,
    AgentUpgradeConfig: oneOf('{"Enabled":true,"AllowedUpgradeWindow":["02:00-03:00"]}'),
    OssDeliveryConfig: oneOf('{"Enabled":true,"BucketName":"bucket"}'),
    SessionManagerConfig: oneOf('{"SessionManagerEnabled":true}'),
    ResourceUsageConfig: oneOf('{"CpuLimit":30}'),
  };
}

/** Names a list's items have inside; other lists are of texts. */
const MEMBERS: Readonly<Record<string, readonly string[]>> = {
  Tag: ["Key", "Value"],
  ResourceTag: ["Key", "Value"],
  TagFilter: ["TagKey", "TagValues.1"],
  Filter: ["Key", "Value"],
};
const memberValue = oneOf("k", "v", "os", "linux", "acs:rm:rgId");
const NUMBERS = oneOf("1", "10", "50", "60", "2147483647");
const OTHERS = fc.oneof(oneOf("n", "name", "a", "linux", "2"), NUMBERS);

export function requestsOf(actions: readonly Action[], known: Known): fc.Arbitrary<RandomRequest> {
  return fc.constantFrom(...actions).chain((action) => {
    const right = rightValues(known);
    const described = describeInput(action.input);
    const leftOut = Math.max(1, described.filter(({ required }) => !required).length / OPTIONAL - 1);
    const parts = described.map((parameter) =>
      valuesOf(parameter, parameter.required || isOneOfThese(action, parameter) ? 1 / 40 : leftOut, right),
    );
    const extra = fc.option(fc.tuple(oneOf("Nonsense", "tag.1.key", "InstanceId.1.1.1", "__proto__.x"), weird), {
      nil: undefined,
      freq: 12,
    });
    return fc.tuple(fc.tuple(...parts), extra).map(([given, more]) => ({
      action,
      parameters: Object.fromEntries([...given.flat(), ...(more ? [more] : [])]),
    }));
  });
}

/** Not required by itself, but one of two must be there. */
function isOneOfThese({ name }: Action, parameter: Parameter): boolean {
  return parameter.name === "InstanceId.N" && ["RunCommand", "InvokeCommand"].includes(name);
}

/** So many of the parameters that may be left out are there, on average. */
const OPTIONAL = 3;

/** The pairs a parameter gives; none where it is left out, which is so many times as likely as not. */
function valuesOf(
  { name: spelled, takes }: Parameter,
  leftOut: number,
  right: Readonly<Record<string, fc.Arbitrary<string>>>,
): fc.Arbitrary<[string, string][]> {
  const name = spelled.replace(/\.N$/, "");
  if (name === "RegionId") return mostlyHere;
  const words = Array.from(takes.matchAll(/`([^`]+)`/g), ([, word]) => word ?? "");
  const value = mostly(right[name] ?? (words.length > 0 ? oneOf(...words) : OTHERS));
  const members = MEMBERS[name]?.map((member) => `.1.${member}`);
  const ends = members ?? (spelled === name ? [""] : [".1", ".2"]);
  const values = fc.tuple(...ends.map(() => (members ? mostly(memberValue) : value)));
  const pairs = fc
    .tuple(values, fc.integer({ min: 1, max: ends.length }))
    .map(([all, count]) =>
      ends.slice(0, members ? ends.length : count).map((end, at): [string, string] => [name + end, all[at] ?? ""]),
    );
  return fc.oneof(
    { weight: 40, arbitrary: pairs },
    { weight: Math.round(40 * leftOut), arbitrary: fc.constant<[string, string][]>([]) },
  );
}

const mostlyHere: fc.Arbitrary<[string, string][]> = fc.oneof(
  { weight: 30, arbitrary: fc.constant<[string, string][]>([["RegionId", "cn-hangzhou"]]) },
  { weight: 1, arbitrary: weird.map((region): [string, string][] => [["RegionId", region]]) },
);
