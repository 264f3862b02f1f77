import { once } from "node:events";
import { CONTROL_PLANE_STEPS } from "@cloud-assistant/control-plane/steps";
import { afterEach, expect, test } from "vitest";
import { callUntilAnswered } from "../support/call-until-answered.ts";
import { campaignRepeats } from "../support/campaign.ts";
import { exited, FakeAgent, registerFakeAgent } from "../support/fake-agent.ts";
import { callApi } from "../support/server.ts";
import { startServerProcess, type ServerProcess } from "../support/server-process.ts";
import { waitFor } from "../support/wait-for.ts";

let server: ServerProcess;
afterEach(() => server.remove());

const OUTPUT = Buffer.from("é".repeat(100_000)); // two frames of output

/** Connects again whenever the connection is gone. */
async function keepConnected(agent: FakeAgent, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await waitFor(async () => signal.aborted || (await agent.connect()), {
      withinMs: 30_000,
      what: "the agent to connect",
    });
    if (agent.socket && !signal.aborted) await once(agent.socket, "close");
  }
}

// the first and a later time: at the first nothing of the run exists yet, later it is half done
test.each(CONTROL_PLANE_STEPS.flatMap((step) => [1, 3].map((nth) => ({ step, nth }))))(
  "killed at '$step', number $nth, nothing is lost and nothing runs twice",
  { repeats: campaignRepeats(1) - 1 },
  async ({ step, nth }) => {
    server = await startServerProcess();
    const { ActivationId, ActivationCode } = await callApi(server.target, "CreateActivation", { InstanceCount: 10 });
    const identity = await registerFakeAgent(server.target.endpoint, {
      activationId: String(ActivationId),
      activationCode: String(ActivationCode),
    });
    await server.kill();
    await server.start({ step, nth });

    const ran: string[] = [];
    const agent = new FakeAgent(
      server.target.endpoint,
      identity,
      ({ invokeId }) => {
        ran.push(invokeId);
        return { output: OUTPUT, end: exited(3) };
      },
      { keepFrames: false },
    );
    const stop = new AbortController();
    const connecting = keepConnected(agent, stop.signal);
    const restarting = server
      .gone()
      .then((signal) => (stop.signal.aborted ? undefined : server.start().then(() => signal)));

    const invokeIds: string[] = [];
    for (const ClientToken of ["a", "b", "c"]) {
      const command = {
        Type: "RunShellScript",
        CommandContent: "true",
        InstanceId: [identity.instanceId],
        ClientToken,
      };
      invokeIds.push(String((await callUntilAnswered(server.target, "RunCommand", command))["InvokeId"]));
    }
    for (const InvokeId of invokeIds) {
      const result = await waitFor(
        async () => {
          const answer = await callUntilAnswered(server.target, "DescribeInvocationResults", { InvokeId });
          const [found] = (
            answer["Invocation"] as { InvocationResults: { InvocationResult: Record<string, unknown>[] } }
          ).InvocationResults.InvocationResult;
          return found?.["InvocationStatus"] === "Failed" ? found : undefined;
        },
        { withinMs: 30_000, what: `${InvokeId} to end` },
      );
      expect(result).toMatchObject({
        ExitCode: 3,
        Dropped: OUTPUT.length - Buffer.from(String(result["Output"]), "base64").length,
      });
    }
    await waitFor(() => agent.held.size === 0, { withinMs: 30_000, what: "every end to be acknowledged" });
    expect(ran.toSorted()).toEqual(invokeIds.toSorted());
    expect(await restarting).toBe("SIGKILL");
    stop.abort();
    await agent.cut();
    await connecting;
  },
);
