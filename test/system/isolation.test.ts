import { ACTIONS } from "@cloud-assistant/control-plane/actions/index";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { makeAccount } from "../support/identity.ts";
import { hosts, MARK, NONE, OTHER, OWN, ROWS, script } from "../support/isolation-rows.ts";
import { openApi, type OpenApi } from "../support/open-api.ts";
import { callAny, fillAccount, LISTS, snapshot, type Json, type Tenant } from "../support/tenant.ts";

/** One account has filled all of its quotas; the other has one of everything, and asks for what the first one has. */
let api: OpenApi;
let first: Tenant;
let second: Tenant;
let before: string[];

beforeAll(async () => {
  api = await openApi({
    maxCommands: 2,
    maxOpenActivations: 3,
    maxInvocationsPerDay: 3,
    resourceGroupIds: "rg-default,rg-lab",
  });
  first = await fillAccount(api, api.context.config.accountId, api.target, MARK);
  const { accountId, target } = await makeAccount(api.target, "second");
  second = await fillAccount(api, accountId, target, OTHER);
  await callAny(first.target, "CreateCommand", { ...script(), Name: MARK });
  await callAny(first.target, "RunCommand", { ...script(), InstanceId: [first.host.instanceId], Name: MARK });
  before = await snapshot(first, MARK);
});
afterAll(() => api.close());

describe("by the key of another account", () => {
  test("there is a row for every action", () => {
    expect(Object.keys(ROWS).toSorted()).toEqual(
      [...ACTIONS.values()].flatMap((named) => [...named.keys()]).toSorted(),
    );
  });

  test.each(Object.entries(LISTS))("%s lists what is its own, and counts that alone", async (action, own) => {
    const { text } = await ask(action, { MaxResults: 50 });
    expect(leaks(text, {})).toEqual([]);
    const answer = JSON.parse(text) as Json;
    expect(answer["Users"]?.User.length ?? answer["Invocation"]?.TotalCount ?? answer["TotalCount"]).toBe(own);
  });

  test.each(Object.entries(ROWS))(
    "%s: nothing of the first can be seen, changed, run, stopped or counted",
    async (action, rows) => {
      for (const [parameters, wanted] of rows) {
        for (const asked of [parameters({ first, second })].flat()) {
          const { code, text } = await ask(action, asked);
          const outcome = wanted === NONE && code === "answered" ? `${NONE} ${countOf(text)}` : code;
          expect([asked, outcome]).toEqual([
            asked,
            wanted === NONE ? `${NONE} 0` : wanted === OWN ? "answered" : wanted,
          ]);
          expect(leaks(text, asked)).toEqual([]);
        }
      }
      expect(await snapshot(first, MARK)).toEqual(before);
    },
  );
});

test("quotas are each account's own", async () => {
  const full = {
    commands: { ...script(), Name: "more" },
    activations: {},
    invocations: { ...script(), ...hosts(first) },
  };
  await callAny(first.target, "CreateActivation", {});
  expect((await ask("CreateCommand", full.commands, first)).code).toBe("CmdCount.ExceedQuota");
  expect((await ask("CreateActivation", full.activations, first)).code).toBe("ActivationCount.ExceedLimit");
  expect((await ask("RunCommand", full.invocations, first)).code).toBe("Invocation.ExceedQuota");
});

test("a page token is good in its own account alone", async () => {
  for (const [action, more] of [
    ["DescribeInvocations", {}],
    ["DescribeInvocationResults", {}],
    ["DescribeCommands", {}],
    ["ListParameters", {}],
  ] as const) {
    const answer = await callAny(first.target, action, { MaxResults: 1, ...more });
    const NextToken = String(answer["NextToken"] ?? answer["Invocation"].NextToken);
    expect([action, (await ask(action, { MaxResults: 1, NextToken })).code]).toEqual([
      action,
      "InvalidParameter.NextToken",
    ]);
  }
});

/** The answer, or the refusal, as the caller has it. */
async function ask(action: string, parameters: Json, by: Tenant = second): Promise<{ code: string; text: string }> {
  return callAny(by.target, action, parameters).then(
    (answer) => ({ code: "answered", text: JSON.stringify(answer) }),
    (error: Json) => ({ code: String(error["code"]), text: `${error["message"]} ${JSON.stringify(error)}` }),
  );
}

/** What is counted and listed of what was asked for; names that are told as unknown are not. */
function countOf(text: string): number {
  const answer = JSON.parse(text) as Json;
  const { TotalCount = 0, InvalidParameters: _unknown, ...list } = (answer["Invocation"] as Json | undefined) ?? answer;
  return Number(TotalCount) + [...JSON.stringify(list).matchAll(/:\[(?!\])/g)].length;
}

/** What was not said by the caller itself. */
function leaks(text: string, asked: Json): string[] {
  const said = JSON.stringify(asked);
  return first.marks.filter((mark) => text.includes(mark) && !said.includes(mark));
}
