import { COMMAND_CONTENT_MAX_BASE64_BYTES } from "@cloud-assistant/shared/limits";
import { parseInput } from "@cloud-assistant/shared/api/fields";
import { nestParameters } from "@cloud-assistant/shared/api/flatten";
import { RunCommandInput } from "@cloud-assistant/shared/api/run-command";
import { ApiError } from "@cloud-assistant/shared/errors";
import { checkContent, declaredNames, decodeContent } from "@cloud-assistant/control-plane/domain/command-content";
import { describe, expect, test } from "vitest";

const GOOD = { RegionId: "cn-hangzhou", Type: "RunShellScript", CommandContent: "echo 1", "InstanceId.1": "mi-1" };
const parse = (parameters: Record<string, string>) =>
  parseInput(RunCommandInput, nestParameters(Object.entries(parameters)));

/** `code: message` of what `act` throws. */
function errorOf(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    if (error instanceof ApiError) return `${error.code}: ${error.message}`;
    throw error;
  }
  return "none";
}

test("defaults are the documented ones", () => {
  const input = parse(GOOD);
  expect([input.TerminationMode, input.RepeatMode, input.ClientToken]).toEqual([undefined, undefined, undefined]);
  expect(input).toMatchObject({
    ContentEncoding: "PlainText",
    Timeout: 60,
    EnableParameter: false,
    KeepCommand: false,
    Parameters: {},
    DeliveryTimeout: 60,
    InstanceId: ["mi-1"],
    Tag: [],
    Name: "",
  });
});

test("booleans and numbers come as text, empty ones are absent, unknown parameters are ignored, an id counts once", () => {
  const input = parse({
    ...GOOD,
    EnableParameter: "True",
    Timeout: "90",
    KeepCommand: "",
    TerminationMode: "",
    Nope: "x",
    "InstanceId.2": "mi-1",
  });
  expect(input).toMatchObject({ EnableParameter: true, Timeout: 90, KeepCommand: false, InstanceId: ["mi-1"] });
  expect(parse({ ...GOOD, ContentEncoding: "bAsE64" }).ContentEncoding).toBe("Base64");
  expect(parse({ ...GOOD, ContentEncoding: "rot13" }).ContentEncoding).toBe("PlainText");
});

const missing = (name: string) =>
  `MissingParameter: The input parameter "${name}" that is mandatory for processing this request is not supplied.`;

const tags = (count: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`Tag.${index + 1}.Key`, `k${index}`]));

const check = (content: string, parameters: Record<string, string> = {}, enabled = true) =>
  errorOf(() => checkContent(Buffer.from(content), enabled, parameters, COMMAND_CONTENT_MAX_BASE64_BYTES));

describe("each violation answers its documented error", () => {
  const cases: [Record<string, string>, string][] = [
    [{ RegionId: "" }, missing("RegionId")],
    [{ Type: "" }, missing("Type")],
    [{ CommandContent: "" }, missing("CommandContent")],
    [{ ClientToken: "x".repeat(65) }, "InvalidClientToken.Malformed"],
    [{ ClientToken: "é" }, "InvalidClientToken.Malformed"],
    [{ Type: "RunPython" }, "InvalidCmdType.NotFound"],
    [{ Name: "x".repeat(129) }, "CmdName.ExceedLimit"],
    [{ Name: "a\u0000b" }, "InvalidParameterCharacter.CommandName"],
    [{ Description: "x".repeat(513) }, "CmdDesc.ExceedLimit"],
    [{ Description: "\u001b" }, "InvalidParameterCharacter.CommandDescription"],
    [{ WorkingDir: "/".repeat(201) }, "InvalidParameter.WorkingDir"],
    [{ WorkingDir: "/a\u0000" }, "InvalidParameterCharacter.CommandWorkingDir"],
    [{ Timeout: "0" }, 'InvalidParameter: The specified parameter "Timeout" is not valid.'],
    [{ Timeout: "1.5" }, "InvalidParameter"],
    [{ Timeout: "86401" }, "InvalidTimeout.ExceedLimit"],
    [{ EnableParameter: "yes" }, 'InvalidParameter: The specified parameter "EnableParameter" is not valid.'],
    [{ Username: "u".repeat(256) }, "Username.ExceedLimit"],
    [{ TerminationMode: "Tree" }, "InvalidTerminationMode.NotFound"],
    [{ RepeatMode: "Twice" }, "InvalidRepeatMode.NotFound"],
    [{ "InstanceId.2": "" }, 'InvalidParameter: The specified parameter "InstanceId.2" is not valid.'],
    [tags(21), "NumberExceed.Tags"],
    [{ "Tag.1.Value": "v" }, "MissingParameter.TagKey"],
    [{ "Tag.1.Key": "acs:x" }, "InvalidTagKey.Malformed"],
    [{ "Tag.1.Key": "k".repeat(65) }, "InvalidTagKey.Malformed"],
    [{ "Tag.1.Key": "k", "Tag.1.Value": "http://x" }, "InvalidTagValue.Malformed"],
    [{ "Tag.1.Key": "k", "Tag.2.Key": "k" }, "Duplicate.TagKey"],
    [{ "ResourceTag.1.Value": "v" }, "MissingParameter.ResourceTagKey"],
    [{ DeliveryTimeout: "604801" }, "InvalidParameter"],
    [{ Launcher: "x".repeat(1025) }, "InvalidLauncher.LengthLimitExceeded"],
    [{ ContainerId: "docker://12" }, "InvalidContainerId.Malformed"],
    [{ ContainerName: "-x" }, "InvalidContainerName.Malformed"],
    [{ Parameters: "[object Object]" }, "InvalidParameter.Parameters"],
    [{ Parameters: "[]" }, "InvalidParameter.Parameters"],
    [{ Parameters: '{"n":3}' }, "ParameterType.NotSupported"],
    [{ Parameters: '{"a":"1","a":"2"}' }, "ParameterKey.Duplicate"],
    [{ Parameters: '{"a":"1","A":"2"}' }, "ParameterKey.Duplicate"],
    [{ Parameters: '{"":"1"}' }, "CmdParam.EmptyKey"],
    [{ Parameters: JSON.stringify({ ["k".repeat(65)]: "" }) }, "ParameterKey.ExceedLimit"],
    [
      { Parameters: JSON.stringify(Object.fromEntries(Array.from({ length: 11 }, (_, i) => [`k${i}`, ""]))) },
      "ParameterCount.ExceedLimit",
    ],
  ];
  test.each(cases.map(([changes, expected]) => [expected, changes] as const))("%s", (expected, changes) => {
    expect(errorOf(() => parse({ ...GOOD, ...changes }))).toContain(expected);
  });

  test("the first in the documented order is told", () => {
    expect(errorOf(() => parse({ ...GOOD, Timeout: "x", Type: "x", ClientToken: "é" }))).toContain(
      "InvalidClientToken.Malformed",
    );
  });
});

describe("content", () => {
  test("Base64 is exact, wrapped or not, and nothing else is taken for it", () => {
    expect([...decodeContent("AP+A\r\ngA==", "Base64")]).toEqual([0, 255, 128, 128]);
    for (const bad of ["AP+", "A===", "AP-_", "AP A", "====", "AA==AA=="])
      expect(errorOf(() => decodeContent(bad, "Base64"))).toContain("CmdContent.DecodeError");
    expect([...decodeContent("é", "PlainText")]).toEqual([0xc3, 0xa9]);
  });

  const cases: [string, Record<string, string>, string][] = [
    ["{{}}", {}, "CmdParam.EmptyKey"],
    ["{{a b}}", {}, "CmdParam.InvalidParamName"],
    ["{{ACS::Nope}}", {}, "CmdParam.InvalidParamName"],
    ["<<ACS::Nope>>", {}, "CmdParam.InvalidParamName"],
    ["{{ACS::=41}}", {}, "CmdParam.InvalidParamName"],
    [`{{${"n".repeat(65)}}}`, {}, "CmdParamName.ExceedLimit"],
    [Array.from({ length: 21 }, (_, index) => `{{p${index}}}`).join(""), {}, "CmdParamCount.ExceedLimit"],
    ["{{a}}", { b: "1" }, "Parameter.NotMatched"],
    ["{{a}}", { a: "x".repeat(18_433) }, "CmdContent.ExceedLimit"],
    ["x".repeat(18_433), {}, "CmdContent.ExceedLimit"],
    ["x".repeat(18_432), {}, "none"],
    ["{{a}} {{A}} {{ACS::instanceid}} <<ACS::RegionId>>", { A: "1" }, "none"],
  ];
  test.each(
    cases.map(([content, parameters, expected]) => [content.slice(0, 30), expected, content, parameters] as const),
  )("%j → %s", (_start, expected, content, parameters) => {
    expect(check(content, parameters)).toContain(expected);
  });

  test("twenty names, in any case and with blanks and line ends around them, count once each", () => {
    const twenty = Array.from({ length: 20 }, (_, index) => `{{p${index}}} {{ P${index}\r\n}}\t{{\n p${index} }}`).join(
      "",
    );
    expect(check(twenty)).toBe("none");
    expect(declaredNames(Buffer.from(twenty))).toEqual(Array.from({ length: 20 }, (_, index) => `p${index}`));
    expect(check(`${twenty}{{p20}}`)).toContain("CmdParamCount.ExceedLimit");
    expect(declaredNames(Buffer.from("{{B}} {{ACS::InstanceId}} <<ACS::RegionId>> {{b}} {{a-_9}}"))).toEqual([
      "B",
      "a-_9",
    ]);
  });

  test("names of 64 bytes, ten values, empty ones too", () => {
    expect(check(`{{${"n".repeat(64)}}}`)).toBe("none");
    const ten = Object.fromEntries(Array.from({ length: 10 }, (_, index) => [`P${index}`, ""]));
    expect(check(Array.from({ length: 12 }, (_, index) => `{{p${index}}}`).join(""), ten)).toBe("none");
    expect(check("{{a}}", { a: "", b: "" })).toContain("Parameter.NotMatched");
  });

  test("the size that counts is that of the content as it was given and as it is filled in, whichever is larger", () => {
    const room = 18_432 - "{{a}}".length;
    expect(check(`${"x".repeat(room)}{{a}}`, { a: "" })).toBe("none");
    expect(check(`${"x".repeat(room)}{{a}}`, { a: "12345" })).toBe("none");
    expect(check(`${"x".repeat(room)}{{a}}`, { a: "123456" })).toContain("CmdContent.ExceedLimit");
    expect(check(`${"x".repeat(room + 1)}{{a}}`, { a: "" })).toContain("CmdContent.ExceedLimit");
    expect(check("{{a}}", { a: "é".repeat(9_217) })).toContain("CmdContent.ExceedLimit"); // bytes, not characters
  });

  test("without EnableParameter braces are text, and parameters are refused", () => {
    expect(check("{{}} {{a b}}", {}, false)).toBe("none");
    expect(check("{{a}}", { a: "1" }, false)).toContain("Parameter.Disabled");
  });
});
