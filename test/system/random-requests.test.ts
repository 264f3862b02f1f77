import { createHash } from "node:crypto";
import type { Action } from "@cloud-assistant/control-plane/actions/action";
import { ACTIONS } from "@cloud-assistant/control-plane/actions/index";
import { NOT_YET } from "@cloud-assistant/control-plane/actions/not-yet";
import { databasePath } from "@cloud-assistant/control-plane/store/sqlite/database";
import { API_ERRORS } from "@cloud-assistant/shared/errors";
import Database from "better-sqlite3";
import * as fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { findImbalances } from "../support/books.ts";
import { openApi, type OpenApi } from "../support/open-api.ts";
import { requestsOf, type Known, type RandomRequest } from "../support/random-request.ts";
import { callApi } from "../support/server.ts";
import { signedV1, toQuery } from "../support/signed-request.ts";

/** Requests of each run; 10,000 in a campaign. */
const LONG = Number(process.env["CAMPAIGN_REPEATS"] ?? 0) > 0;
const CASES = LONG ? 10_000 : 800;
const SEED = Number(process.env["CAMPAIGN_SEED"] ?? 1);
/** An answer that takes longer hangs, milliseconds: this machine may be busy. */
const ANSWER_MS = 20_000;

type Json = Record<string, unknown>;

let api: OpenApi;
let watcher: Database.Database;
const known: Known = {
  instance: [],
  command: ["c-none"],
  invocation: ["t-none"],
  activation: ["none"],
  parameter: ["a"],
  user: ["u"],
  policy: ["p"],
  key: ["AKNONE"],
  role: [],
};
beforeAll(async () => {
  api = await openApi({
    maxCommands: 50,
    maxOpenActivations: 50,
    outputDeliveryTargets: "oss://b",
    outputDeliveryStore: "/var/lib/results",
    resourceGroupIds: "rg-default,rg-1",
  });
  known.role.push(`acs:ram::${api.context.config.accountId}:root`, `acs:ram::${api.context.config.accountId}:user/u`);
  watcher = new Database(databasePath(api.context.config.dataDir), { readonly: true });
  for (let count = 0; count < 5; count++) await addHost();
  const schedule = {
    Type: "RunShellScript",
    CommandContent: "echo",
    RepeatMode: "EveryReboot",
    InstanceId: known.instance,
  };
  for (let count = 0; count < 5; count++)
    known.invocation.push(String((await callApi(api.target, "RunCommand", schedule))["InvokeId"]));
});
afterAll(async () => {
  watcher.close();
  await api.close();
});

/** @param at in place of one that went */
async function addHost(at = known.instance.length): Promise<void> {
  known.instance[at] = (await api.addInstance({ tags: [{ key: "os", value: "linux" }] })).instanceId;
}

/** Another number after every commit of anybody. */
const commits = (): unknown => watcher.pragma("data_version", { simple: true });
/** Every row there is, but for spent nonces: a refusal may spend one. */
function digest(): string {
  const tables = watcher
    .prepare<[], string>(
      "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT IN ('nonces', 'sqlite_sequence') ORDER BY name",
    )
    .pluck()
    .all();
  const hash = createHash("sha256");
  for (const table of tables)
    for (const row of watcher.prepare<[], unknown[]>(`SELECT * FROM ${table}`).raw().iterate())
      hash.update(JSON.stringify([table, row]));
  return hash.digest("hex");
}

async function ask({ action, parameters }: RandomRequest): Promise<{ status: number; text: string }> {
  // a stream of what is still to come would be no hang
  const { Follow: _follow, ...given } = parameters;
  const response = await fetch(api.target.endpoint, {
    method: "POST",
    headers: { "content-type": "application/x-www-form-urlencoded" },
    body: toQuery(signedV1(api.target, action.name, { Version: action.version, ...given }, "POST")),
    signal: AbortSignal.timeout(ANSWER_MS),
  });
  return { status: response.status, text: await response.text() };
}

async function remember({ action, parameters }: RandomRequest, answer: Json): Promise<void> {
  // one that was not kept is met less often, as there is little to do with it
  const kept = action.name === "CreateCommand" || parameters["KeepCommand"] === "true" || known.command.length < 5;
  const made = {
    command: kept && answer["CommandId"],
    invocation: answer["InvokeId"],
    activation: answer["ActivationId"],
    key: (answer["AccessKey"] as Json | undefined)?.["AccessKeyId"],
  };
  for (const [kind, id] of Object.entries(made)) if (typeof id === "string") known[kind as keyof typeof made].push(id);
  const names = {
    parameter: /^Create(?:Secret)?Parameter$/.test(action.name) && parameters["Name"],
    user: action.name === "CreateUser" && parameters["UserName"],
    policy: action.name === "PutPolicy" && parameters["PolicyName"],
  };
  for (const [kind, name] of Object.entries(names)) if (name) known[kind as keyof typeof names].push(name);
  if (action.name === "DeregisterManagedInstance")
    await addHost(known.instance.indexOf(parameters["InstanceId"] ?? ""));
}

/** @returns what is wrong with it */
function findFault({ status, text }: { status: number; text: string }, written: boolean): string | undefined {
  if (status === 200) {
    if (text.split("\n").some((line) => line !== "" && "Code" in (JSON.parse(line) as Json)))
      return "a success with a Code";
    return undefined;
  }
  const { Code, Message, RequestId } = JSON.parse(text) as Json;
  if (status >= 500) return `a failure: ${text}`;
  if (typeof Message !== "string" || typeof RequestId !== "string" || !(String(Code) in API_ERRORS))
    return `not documented: ${text}`;
  if (written) return `refused, but something was written: ${text}`;
  return undefined;
}

const total = (counts: ReadonlyMap<string, number>): number =>
  [...counts.values()].reduce((sum, count) => sum + count, 0);
const ALL: readonly Action[] = [...ACTIONS.values()].flatMap((named) => [...named.values()]);

test(`of ${CASES} random requests to all actions none fails, hangs, or writes half`, { timeout: 900_000 }, async () => {
  const answered = new Map<string, number>();
  const refused = new Map<string, number>();
  let writes = 0;
  let seen = { commits: commits(), rows: digest() };
  await fc.assert(
    fc.asyncProperty(requestsOf(ALL, known), async (request) => {
      const outcome = await ask(request);
      const after = commits() === seen.commits ? seen : { commits: commits(), rows: digest() };
      const written = after.rows !== seen.rows;
      seen = after;
      const counts = outcome.status === 200 ? answered : refused;
      counts.set(request.action.name, (counts.get(request.action.name) ?? 0) + 1);
      expect(findFault(outcome, written)).toBeUndefined();
      if (written) writes++;
      if (outcome.status === 200 && request.action.name !== "StreamInvocationOutput")
        await remember(request, JSON.parse(outcome.text) as Json);
      if (commits() !== seen.commits) seen = { commits: commits(), rows: digest() }; // a host in place of one that went
    }),
    { numRuns: CASES, seed: SEED, endOnFailure: true },
  );
  expect(Math.min(total(answered), total(refused))).toBeGreaterThan(CASES / 5); // both ways are taken
  expect(writes).toBeGreaterThan(CASES / 20);
  const never = ALL.filter((action) => !NOT_YET.includes(action) && !answered.has(action.name)).map(({ name }) => name);
  expect(LONG ? never : []).toEqual([]);
  expect(findImbalances(databasePath(api.context.config.dataDir))).toEqual([]);
});
