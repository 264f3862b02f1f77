import { randomUUID } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { registerAgent } from "@cloud-assistant/agent/register";
import { systemClock } from "@cloud-assistant/agent/clock";
import { runAgent } from "@cloud-assistant/agent/main";
import { createLog } from "@cloud-assistant/control-plane/log";
import { CLOSE_CODES } from "@cloud-assistant/shared/protocol/frames";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { REGION, startTestControlPlane, type TestControlPlane } from "../support/control-plane.ts";
import { connectFakeAgent, registerFakeAgent, type FakeIdentity } from "../support/fake-agent.ts";
import { SDK_CLIENTS, sdkCall } from "../support/sdk.ts";
import { waitFor } from "../support/wait-for.ts";

type Json = Record<string, any>; // oxlint-disable-line typescript/no-explicit-any -- an answer as the wire has it

let lab: TestControlPlane;
beforeAll(async () => {
  lab = await startTestControlPlane({ maxOpenActivations: 100, resourceGroupIds: "rg-default,rg-lab" });
});
afterAll(() => lab.close());

const call = (action: string, parameters: Json = {}): Promise<Json> => lab.call(action, parameters);
const refusal = (action: string, parameters: Json): Promise<Json | undefined> =>
  call(action, parameters).then(
    () => undefined,
    (error: Json) => error,
  );
const activate = async (parameters: Json = {}): Promise<{ activationId: string; activationCode: string }> => {
  const { ActivationId, ActivationCode } = await call("CreateActivation", { InstanceCount: 10, ...parameters });
  return { activationId: String(ActivationId), activationCode: String(ActivationCode) };
};
const addHost = async (name: string, parameters: Json = {}): Promise<FakeIdentity> =>
  registerFakeAgent(lab.controlPlane.endpoint, await activate(parameters), { name });
const list = async (parameters: Json): Promise<string[]> => {
  const { Instances } = await call("DescribeManagedInstances", { ...parameters, PageSize: 50 });
  return (Instances as Json[]).map(({ InstanceId }) => String(InstanceId));
};

describe("activations", () => {
  test.each(SDK_CLIENTS)("are disabled and deleted through %s", async (client) => {
    const asked = {
      InstanceName: "rack",
      Description: "d",
      InstanceCount: 3,
      TimeToLiveInHours: 2,
      IpAddressRange: "10.0.0.0/8",
    };
    const { ActivationId } = await sdkCall(client, lab.target, "CreateActivation", { ...REGION, ...asked });
    const shown = {
      ...asked,
      ActivationId,
      RegisteredCount: 0,
      DeregisteredCount: 0,
      CreationTime: expect.stringMatching(/Z$/) as string,
    };
    const disabled = await sdkCall(client, lab.target, "DisableActivation", { ...REGION, ActivationId });
    expect(disabled["Activation"]).toEqual({ ...shown, Disabled: true });
    const deleted = await sdkCall(client, lab.target, "DeleteActivation", { ...REGION, ActivationId });
    expect(deleted["Activation"]).toEqual(shown);
    // what Terraform reads after the destruction: an empty list, and .NotFound for the rest
    expect((await sdkCall(client, lab.target, "DescribeActivations", { ...REGION, ActivationId }))["TotalCount"]).toBe(
      0,
    );
    expect(await refusal("DeleteActivation", { ActivationId })).toMatchObject({ code: "ActivationId.NotFound" });
    expect(await refusal("DisableActivation", { ActivationId })).toMatchObject({ code: "ActivationId.NotFound" });
  });

  test("a disabled one registers nobody, frees its place, and keeps its hosts", async () => {
    const activated = await activate();
    const { instanceId } = await registerFakeAgent(lab.controlPlane.endpoint, activated, { name: "kept" });
    await call("DisableActivation", { ActivationId: activated.activationId });
    await expect(registerFakeAgent(lab.controlPlane.endpoint, activated, { name: "late" })).rejects.toThrow("403");
    expect(await list({ ActivationId: activated.activationId })).toEqual([instanceId]);
    expect(await refusal("DeleteActivation", { ActivationId: activated.activationId })).toMatchObject({
      code: "ActivationId.InUse",
    });
  });

  test("one ClientToken makes one activation, however many ask at once", async () => {
    const asked = { ClientToken: randomUUID(), InstanceName: "once" };
    const answers = await Promise.all(Array.from({ length: 8 }, () => call("CreateActivation", asked)));
    expect(new Set(answers.map(({ ActivationCode }) => ActivationCode as string)).size).toBe(1);
    expect((await call("DescribeActivations", { InstanceName: "once" }))["TotalCount"]).toBe(1);
    expect(await refusal("CreateActivation", { ...asked, InstanceCount: 4 })).toMatchObject({
      code: "IdempotentParameterMismatch",
    });
  });

  test("a resource group is checked, kept, filtered by, and given to the hosts", async () => {
    expect(await refusal("CreateActivation", { ResourceGroupId: "rg-none" })).toMatchObject({
      code: "InvalidResourceGroup.NotFound",
    });
    const { instanceId } = await addHost("grouped", { ResourceGroupId: "rg-lab", InstanceName: "grouped" });
    const { ActivationList } = await call("DescribeActivations", { ResourceGroupId: "rg-lab" });
    expect(ActivationList).toMatchObject([{ InstanceName: "grouped", ResourceGroupId: "rg-lab" }]);
    expect(await list({ ResourceGroupId: "rg-lab" })).toEqual([instanceId]);
    expect(await list({ ResourceGroupId: "rg-default" })).not.toContain(instanceId);
    expect(await list({ ResourceGroupId: "rg-none" })).toEqual([]);
    expect((await call("DescribeInstances", { ResourceGroupId: "rg-lab" }))["TotalCount"]).toBe(1);
  });
});

describe("managed instances", () => {
  test.each(SDK_CLIENTS)("are renamed and deregistered through %s", async (client) => {
    const { instanceId } = await addHost(`host-${client}`);
    const named = { ...REGION, InstanceId: instanceId };
    const renamed = await sdkCall(client, lab.target, "ModifyManagedInstance", { ...named, InstanceName: "db-1" });
    expect(renamed["Instance"]).toEqual({ InstanceId: instanceId, InstanceName: "db-1" });
    const { Instance } = await sdkCall(client, lab.target, "DeregisterManagedInstance", named);
    expect(Instance).toMatchObject({
      InstanceId: instanceId,
      InstanceName: "db-1",
      Hostname: `host-${client}`,
      OsType: "Linux",
      InvocationCount: 0,
      LastInvokedTime: "",
      RegistrationTime: expect.stringMatching(/Z$/) as string,
    });
    expect(await list({ InstanceId: [instanceId] })).toEqual([]);
    for (const [action, parameters] of [
      ["DeregisterManagedInstance", {}],
      ["ModifyManagedInstance", { InstanceName: "db-2" }],
      ["InstallCloudAssistant", {}],
      ["RunCommand", { Type: "RunShellScript", CommandContent: "echo" }],
    ] as const) {
      const InstanceId = action === "InstallCloudAssistant" || action === "RunCommand" ? [instanceId] : instanceId;
      expect([action, (await refusal(action, { InstanceId, ...parameters }))?.["code"]]).toEqual([
        action,
        "InvalidInstance.NotFound",
      ]);
    }
  });

  test("a deregistration is repeated by its ClientToken", async () => {
    const { instanceId } = await addHost("repeated");
    const asked = { InstanceId: instanceId, ClientToken: randomUUID() };
    const { RequestId: _first, ...answer } = await call("DeregisterManagedInstance", asked);
    const { RequestId: _second, ...again } = await call("DeregisterManagedInstance", asked);
    expect(again).toEqual(answer);
    expect(await refusal("DeregisterManagedInstance", { InstanceId: instanceId })).toMatchObject({
      code: "InvalidInstance.NotFound",
    });
  });

  test.each([
    ["1st", "InstanceName.InvalidPattern", "The specified instance name pattern invalid."],
    ["a", "InstanceName.InvalidPattern", "The specified instance name pattern invalid."],
    ["n".repeat(129), "InstanceName.ExceedLimit", "The specified instance name exceed limit."],
  ])("cannot be called %s", async (InstanceName, code, message) => {
    const error = await refusal("ModifyManagedInstance", { InstanceId: "mi-1", InstanceName });
    expect(error).toMatchObject({ code, message: expect.stringContaining(message) as string });
  });

  test("open runs end, each as what is known of it, and a late report changes nothing", async () => {
    const identity = await addHost("busy");
    const { instanceId } = identity;
    const agent = await connectFakeAgent(lab.controlPlane.endpoint, identity, () => undefined);
    const running = await lab.run([instanceId], "sleep 9");
    await waitFor(() => agent.held.size === 1);
    await agent.cut();
    await waitFor(async () => (await list({ InstanceId: [instanceId], Connected: "false" })).length === 1);
    const waiting = await lab.run([instanceId], "echo");
    await call("DeregisterManagedInstance", { InstanceId: instanceId });
    expect(await lab.results(running)).toMatchObject([
      {
        InvocationStatus: "Error",
        ErrorCode: "InstanceDeregistered",
        ErrorInfo: expect.stringContaining("outcome unknown") as string,
      },
    ]);
    expect(await lab.results(waiting)).toMatchObject([
      { InvocationStatus: "Aborted", ErrorCode: "InstanceDeregistered" },
    ]);
    await expect(agent.connect()).rejects.toThrow(`closed with ${CLOSE_CODES.deregistered}`);
    expect(agent.frames.map(({ type }) => type)).toContain("deregistered");
  });

  test("only the host itself learns that its id is gone", async () => {
    const identity = await addHost("gone");
    await call("DeregisterManagedInstance", { InstanceId: identity.instanceId });
    const stranger = await addHost("stranger");
    const guess = { ...identity, privateKey: stranger.privateKey };
    await expect(connectFakeAgent(lab.controlPlane.endpoint, guess)).rejects.toThrow(
      `closed with ${CLOSE_CODES.unproven}`,
    );
  });

  test("the agent is told at once, ends, does not start again, and may be registered anew", async () => {
    const stateDir = mkdtempSync(join(tmpdir(), "agent-"));
    const instanceId = await lab.register(stateDir);
    const agent = await runAgent({ stateDir, log: createLog("silent") });
    await waitFor(async () => (await list({ InstanceId: [instanceId], Connected: "true" })).length === 1);
    await call("DeregisterManagedInstance", { InstanceId: instanceId });
    await agent.deregistered;
    await agent.close();
    await expect(runAgent({ stateDir })).rejects.toThrow(`it was ${instanceId}`);
    const { activationId, activationCode } = await activate();
    const server = { server: lab.controlPlane.endpoint, serverKey: lab.controlPlane.keyFingerprint };
    const anew = await registerAgent({ ...server, activationId, activationCode, stateDir, clock: systemClock });
    expect(anew.instanceId).not.toBe(instanceId);
    expect(readFileSync(join(stateDir, "identity.json"), "utf8")).toContain(anew.instanceId);
    rmSync(stateDir, { recursive: true });
  });

  test("InstallCloudAssistant: a registered host has its agent, another one is not known", async () => {
    const { instanceId } = await addHost("installed");
    expect(Object.keys(await call("InstallCloudAssistant", { InstanceId: [instanceId] }))).toEqual(["RequestId"]);
    expect(await refusal("InstallCloudAssistant", { InstanceId: [instanceId, "i-1"] })).toMatchObject({
      code: "InvalidInstance.NotFound",
    });
    expect(await refusal("InstallCloudAssistant", {})).toMatchObject({ code: "MissingParam.InstanceId" });
    const many = Array.from({ length: 51 }, (_, index) => `mi-${index}`);
    expect(await refusal("InstallCloudAssistant", { InstanceId: many })).toMatchObject({
      code: "InstanceIds.ExceedLimit",
    });
  });
});
