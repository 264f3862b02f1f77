import { randomUUID } from "node:crypto";
import type { Action, Call } from "@cloud-assistant/control-plane/actions/action";
import { ACTIONS } from "@cloud-assistant/control-plane/actions/index";
import { parsePolicy } from "@cloud-assistant/control-plane/policy/document";
import { ApiError } from "@cloud-assistant/shared/errors";
import { nestParameters } from "@cloud-assistant/shared/api/flatten";
import * as fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import * as z from "zod";
import { openApi, type OpenApi } from "../support/open-api.ts";
import { campaignRepeats } from "../support/campaign.ts";

/** Requests to each action. */
const CASES = campaignRepeats(60);
const SEED = Number(process.env["CAMPAIGN_SEED"] ?? 1);

let api: OpenApi;
let ids: string[];
beforeAll(async () => {
  api = await openApi({ resourceGroupIds: "rg-default" });
  const { instanceId, activationId } = await api.addInstance();
  ids = [instanceId, activationId, "mi-none", "t-none", "c-none"];
});
afterAll(() => api.close());

/** Allows everything, so that the resources of a call are looked up, and it goes on. */
const LIMITED: Call["caller"]["layers"] = [
  {
    name: "session",
    policies: [
      {
        name: "all",
        policy: parsePolicy('{"Version":"1","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}'),
      },
    ],
  },
];

const ALL = [...ACTIONS.values()].flatMap((named) => [...named.values()]);
/** Any text at all, and what readers of numbers, JSON, ids, dates and patterns stumble over. */
const text = fc.oneof(
  fc.string({ unit: "binary", maxLength: 60 }),
  fc.json(),
  fc.constantFrom(
    "",
    "0",
    "-0",
    "-1",
    "1e9",
    "9007199254740993",
    "NaN",
    "true",
    "null",
    "[]",
    "{}",
    "[[]]",
    '[""]',
    '{"__proto__":1}',
    "\u0000",
    "\ud800",
    "%",
    "%%s",
    "*",
    "a*b*c",
    "'; DROP TABLE runs; --",
    "x".repeat(5000),
    "command",
    "instance",
    "2099-01-01T00:00:00Z",
    '["a","b"]',
  ),
);
const value = fc.oneof(
  { weight: 3, arbitrary: text },
  { weight: 2, arbitrary: fc.nat().map((n) => ids[n % ids.length] ?? "") },
);
/** How a name may go on: lists, members, both, and what is none of them. */
const suffix = fc.oneof(
  { weight: 5, arbitrary: fc.constant("") },
  fc.constantFrom(".1", ".2", ".1.Key", ".1.Value", ".Key", ".0", ".1.1.1", ".constructor", ".__proto__.x", ".99999"),
);

function namesOf(input: z.ZodType): string[] {
  return input instanceof z.ZodObject ? Object.keys(input.shape) : [];
}

function requestsTo({ input }: Action): fc.Arbitrary<[string, string][]> {
  const names = fc.constantFrom(...namesOf(input), "RegionId", "Nonsense");
  const pair = fc.tuple(names, suffix, value).map(([name, end, given]): [string, string] => [name + end, given]);
  return fc.array(pair, { maxLength: 10 });
}

test.each(ALL.map((action) => [action.name, action] as const))(
  "%s refuses what is malformed by a documented error",
  async (_name, action) => {
    await fc.assert(
      fc.asyncProperty(requestsTo(action), async (pairs) => {
        const call: Call = {
          action: action.name,
          caller: {
            accountId: api.context.config.accountId,
            accessKeyId: "AKTEST",
            layers: pairs.length % 2 === 0 ? [] : LIMITED,
          },
          sourceIp: "127.0.0.1",
          request: { accessKeyId: "AKTEST", nonce: randomUUID(), expiresMs: Date.now() + 1000 },
          requestId: "r",
          host: "localhost",
          parametersHash: () => JSON.stringify(pairs),
          committed: () => undefined,
        };
        const asked = async () =>
          action.run(api.context, nestParameters([["RegionId", "cn-hangzhou"], ...pairs]), call);
        const status = await asked().then(
          () => 200,
          (error: unknown) => (error instanceof ApiError ? error.answerFor(action.name).httpStatus : error),
        );
        expect(status).toSatisfy((given) => typeof given === "number" && given < 500);
      }),
      { numRuns: CASES, seed: SEED, endOnFailure: true },
    );
  },
);
