import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runAgent, type Agent } from "@cloud-assistant/agent/main";
import { createLog } from "@cloud-assistant/control-plane/log";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startTestControlPlane, type TestControlPlane } from "../support/control-plane.ts";
import { connectFakeAgent, registerFakeAgent } from "../support/fake-agent.ts";
import { oosCall } from "../support/sdk.ts";
import { waitFor } from "../support/wait-for.ts";

type Json = Record<string, any>; // oxlint-disable-line typescript/no-explicit-any -- an answer as the wire has it

/** Nothing else may contain them, in any form a text is kept in. */
const SECRET = "canary-5ecret-0f-the-test";
const PLAIN = "canary-plain-0f-the-test";
const FORMS = [SECRET, PLAIN].flatMap((text) => [
  text,
  Buffer.from(text).toString("base64").slice(0, -4),
  Buffer.from(text).toString("hex"),
]);

const logged: string[] = [];
const log = createLog("debug", { write: (line) => logged.push(line) });
const stateDir = mkdtempSync(join(tmpdir(), "agent-"));
let lab: TestControlPlane;
let agent: Agent;
let instanceId: string;

beforeAll(async () => {
  lab = await startTestControlPlane({}, log);
  instanceId = await lab.register(stateDir);
  agent = await runAgent({ stateDir, log });
  const oos = (action: string, parameters: Json) => oosCall(lab.target, action, parameters);
  await oos("CreateSecretParameter", { Name: "db/password", Value: SECRET });
  await oos("CreateParameter", { Name: "greeting", Type: "String", Value: PLAIN });
  await oos("CreateParameter", { Name: "long", Type: "String", Value: "x".repeat(4000) });
});
afterAll(async () => {
  await agent.close();
  await lab.close();
  rmSync(stateDir, { recursive: true });
});

const run = (script: string, parameters: Json = {}): Promise<string> =>
  lab.run([instanceId], script, { EnableParameter: true, ...parameters });
const textOf = async (invokeId: string): Promise<string> => {
  const [result] = await lab.results(invokeId);
  return `${result?.["InvocationStatus"]} ${Buffer.from(String(result?.["Output"]), "base64").toString()}`;
};
const codeOf = (parameters: Json): Promise<unknown> =>
  lab
    .call("RunCommand", { Type: "RunShellScript", InstanceId: [instanceId], EnableParameter: true, ...parameters })
    .then(
      () => "none",
      (error: Json) => error["code"] as unknown,
    );

/** Files below a directory that hold one of the texts. */
function findIn(directory: string, texts: readonly string[]): string[] {
  return readdirSync(directory, { recursive: true, encoding: "utf8" })
    .map((name) => join(directory, name))
    .filter((path) => statSync(path, { throwIfNoEntry: false })?.isFile())
    .filter((path) => texts.some((text) => readFileSync(path).includes(text)));
}

test("a script gets the values, as they are when the command is given", async () => {
  // not the values themselves: what a script prints is kept with its output
  const invokeId = await run("printf '{{ oos-secret : db/password }}{{oos:greeting}}' | sha256sum");
  expect(await textOf(invokeId)).toContain(createHash("sha256").update(`${SECRET}${PLAIN}`).digest("hex"));
});

test("values stand for themselves: no placeholder in them, and none that a custom parameter spells, is filled in", async () => {
  await oosCall(lab.target, "CreateParameter", {
    Name: "sly",
    Type: "String",
    Value: "{{oos-secret:db/password}}{{ACS::InstanceId}}",
  });
  const invokeId = await run("printf '%s' '{{oos:sly}} {{own}}'", {
    Parameters: JSON.stringify({ own: "{{oos-secret:db/password}}" }),
  });
  expect(await textOf(invokeId)).toBe(
    "Success {{oos-secret:db/password}}{{ACS::InstanceId}} {{oos-secret:db/password}}",
  );
  expect(await textOf(await run("printf '{{oos-secret:db/password}}'", { EnableParameter: false }))).toBe(
    "Success {{oos-secret:db/password}}",
  );
});

describe("a secret", () => {
  test("is nowhere but in the script while it runs, and not there when it has ended", async () => {
    const flag = join(stateDir, "..", `${process.pid}.flag`);
    const invokeId = await run(
      `test -n '{{oos-secret:db/password}}' -a -n '{{oos:greeting}}'; while [ ! -e ${flag} ]; do sleep 0.05; done; echo done`,
      { KeepCommand: true },
    );
    const directory = join(stateDir, "runs", `${invokeId}.1`);
    await waitFor(() => existsSync(join(directory, "status")));
    expect(findIn(stateDir, FORMS)).toEqual([join(directory, "script")]);
    const answers: Json[] = [
      await lab.call("DescribeInvocations", { InvokeId: invokeId, IncludeOutput: true, ContentEncoding: "PlainText" }),
      await lab.call("DescribeInvocationResults", { InvokeId: invokeId, ContentEncoding: "PlainText" }),
      await lab.call("DescribeCommands", { ContentEncoding: "PlainText" }),
      await oosCall(lab.target, "ListSecretParameters", {}),
      await oosCall(lab.target, "GetSecretParameter", { Name: "db/password" }),
    ];
    expect(answers[0]?.["Invocations"].Invocation[0].CommandContent).toContain("{{oos-secret:db/password}}");
    for (const answer of answers) expect(FORMS.filter((text) => JSON.stringify(answer).includes(text))).toEqual([]);
    writeFileSync(flag, "");
    expect(await textOf(invokeId)).toBe("Success done\n");
    rmSync(flag);
    await waitFor(() => findIn(stateDir, FORMS).length === 0);
    expect(findIn(lab.dataDir, FORMS)).toEqual([]);
    expect(logged.length).toBeGreaterThan(10);
    expect(FORMS.filter((text) => logged.some((line) => line.includes(text)))).toEqual([]);
  });

  test("leaves its script when the run has ended, though the control plane has not heard of it", async () => {
    const [aside, other] = [mkdtempSync(join(tmpdir(), "agent-")), await startTestControlPlane()];
    const id = await other.register(aside);
    const lone = await runAgent({ stateDir: aside, log });
    await oosCall(other.target, "CreateSecretParameter", { Name: "pw", Value: SECRET });
    const flag = join(aside, "go");
    await other.run([id], `test -n '{{oos-secret:pw}}'; while [ ! -e ${flag} ]; do sleep 0.05; done`, {
      EnableParameter: true,
    });
    await waitFor(() => findIn(aside, [SECRET]).length > 0);
    await other.close();
    writeFileSync(flag, "");
    await waitFor(() => findIn(aside, [SECRET]).length === 0);
    expect(findIn(aside, ['"sealed":true'])).toHaveLength(1); // its directory waits for the control plane
    await lone.close();
    rmSync(aside, { recursive: true });
  });
});

const total = async (): Promise<unknown> => (await lab.call("DescribeInvocations", {}))["TotalCount"];

test.each<[string, Json, string]>([
  ["of an unknown parameter", { CommandContent: "{{oos:nobody}}" }, "ParameterStore.InvalidParameters"],
  ["of a plain one as a secret", { CommandContent: "{{oos-secret:greeting}}" }, "ParameterStore.InvalidParameters"],
  ["of a bad name", { CommandContent: "{{oos:a b}}" }, "ParameterStore.InvalidParameters"],
  [
    "of too much",
    { CommandContent: "{{oos:long}}{{ oos:long }}{{oos: long}}{{oos :long}}{{oos : long}}" },
    "CmdContent.ExceedLimit",
  ],
])("a reference %s is refused before anything is written", async (_name, parameters, expected) => {
  const before = await total();
  expect(await codeOf(parameters)).toBe(expected);
  expect(await total()).toBe(before);
});

test("several hosts get the same order, in which each finds what is sealed to it", async () => {
  const { ActivationId, ActivationCode } = await lab.call("CreateActivation", {});
  const identity = await registerFakeAgent(lab.controlPlane.endpoint, {
    activationId: String(ActivationId),
    activationCode: String(ActivationCode),
  });
  const fake = await connectFakeAgent(lab.controlPlane.endpoint, identity);
  const invokeId = await lab.run([instanceId, identity.instanceId], "printf '{{oos:greeting}}'", {
    EnableParameter: true,
  });
  const results = await lab.results(invokeId);
  expect(results.map(({ InvocationStatus }) => InvocationStatus as string)).toEqual(["Success", "Success"]);
  const [order] = fake.orders;
  expect(order?.order).toMatchObject({ sealed: { seals: { [identity.instanceId]: expect.any(String) as string } } });
  expect(FORMS.filter((text) => order?.payload.includes(text))).toEqual([]);
  await fake.cut();
});
