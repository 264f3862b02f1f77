import { databasePath } from "@cloud-assistant/control-plane/store/sqlite/database";
import { afterEach, expect, test } from "vitest";
import { findImbalances } from "../support/books.ts";
import { callUntilAnswered } from "../support/call-until-answered.ts";
import { campaignRepeats, campaignSeeds } from "../support/campaign.ts";
import { registerFakeAgent } from "../support/fake-agent.ts";
import { integer, seededRandom, type Random } from "../support/random.ts";
import { callApi, CallFailed } from "../support/server.ts";
import { startServerProcess, type ServerProcess } from "../support/server-process.ts";

let server: ServerProcess;
afterEach(() => server.remove());

const CONNECTIONS = 16;
const KILLS = 5;
const TOKENS = 50 * campaignRepeats(1);
/** Each token is used four times, on average, and once at least. */
const CALLS = TOKENS * 4;

type Accepted = { readonly InvokeId: string; readonly CommandId: string };

async function makeTarget(): Promise<string> {
  const { ActivationId, ActivationCode } = await callApi(server.target, "CreateActivation", { InstanceCount: 1 });
  const activated = { activationId: String(ActivationId), activationCode: String(ActivationCode) };
  return (await registerFakeAgent(server.target.endpoint, activated)).instanceId;
}

/** Which token each call has. */
function planCalls(random: Random): number[] {
  const once = Array.from({ length: TOKENS }, (_, token) => token);
  const again = Array.from({ length: CALLS - TOKENS }, () => integer(random, 0, TOKENS - 1));
  return [...once, ...again]
    .map((token) => ({ token, at: random() }))
    .toSorted((a, b) => a.at - b.at)
    .map(({ token }) => token);
}

function commandOf(token: number, instanceId: string): Record<string, unknown> {
  return {
    Type: "RunShellScript",
    CommandContent: `echo ${token}`,
    InstanceId: [instanceId],
    ClientToken: `token-${token}`,
  };
}

async function listInvokeIds(): Promise<string[]> {
  const ids: string[] = [];
  let NextToken = "";
  do {
    const page = await callApi(server.target, "DescribeInvocations", {
      MaxResults: 50,
      ...(NextToken !== "" && { NextToken }),
    });
    const { Invocation } = page["Invocations"] as { Invocation: { InvokeId: string }[] };
    ids.push(...Invocation.map(({ InvokeId }) => InvokeId));
    expect(page["TotalCount"]).toBe(TOKENS);
    NextToken = String(page["NextToken"]);
  } while (NextToken !== "");
  return ids;
}

test.each(campaignSeeds(1))(
  `${CALLS} calls with ${TOKENS} ClientTokens on ${CONNECTIONS} connections, the control plane killed ${KILLS} times: one invocation a token (seed %i)`,
  { timeout: 300_000 },
  async (seed) => {
    const random = seededRandom(seed);
    server = await startServerProcess();
    const instanceId = await makeTarget();
    const calls = planCalls(random);
    const killAt = Array.from({ length: KILLS }, (_, kill) =>
      integer(random, kill * (CALLS / KILLS) + 1, (kill + 1) * (CALLS / KILLS) - CONNECTIONS),
    );

    const accepted = new Map<number, Accepted>();
    let answered = 0;
    const silent: number[] = [];
    let restarted: Promise<void> = Promise.resolve();
    const restart = async (): Promise<void> => {
      await server.kill();
      await server.start();
    };
    const call = async (token: number): Promise<void> => {
      const { InvokeId, CommandId } = await callUntilAnswered(
        server.target,
        "RunCommand",
        commandOf(token, instanceId),
        () => silent.push(token),
      );
      const answer = { InvokeId: String(InvokeId), CommandId: String(CommandId) };
      expect(answer).toEqual(accepted.get(token) ?? answer);
      accepted.set(token, answer);
      if (killAt.includes(++answered)) restarted = restarted.then(restart);
    };
    const connection = async (): Promise<void> => {
      for (let token = calls.shift(); token !== undefined; token = calls.shift()) await call(token);
    };
    await Promise.all(Array.from({ length: CONNECTIONS }, connection));
    await restarted;

    expect(answered).toBe(CALLS);
    expect(new Set(silent).size).toBeGreaterThanOrEqual(KILLS); // each kill met calls under way
    const made = [...accepted.values()].map(({ InvokeId }) => InvokeId);
    expect((await listInvokeIds()).toSorted()).toEqual(made.toSorted());
    await restart();
    const [token = 0, answer] = [...accepted][integer(random, 0, TOKENS - 1)] ?? [];
    expect(await callApi(server.target, "RunCommand", commandOf(token, instanceId))).toMatchObject(answer ?? {});
    const other = { ...commandOf(token, instanceId), CommandContent: "echo other" };
    await expect(callApi(server.target, "RunCommand", other)).rejects.toSatisfy(
      (error) => error instanceof CallFailed && error.code === "IdempotentParameterMismatch",
    );
    expect(new Set(await listInvokeIds()).size).toBe(TOKENS);
    await server.kill();
    expect(findImbalances(databasePath(server.dataDir))).toEqual([]);
  },
);
