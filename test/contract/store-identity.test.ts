import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { AccessKey, StoredPolicy, User } from "@cloud-assistant/control-plane/store/identity";
import { openDatabase } from "@cloud-assistant/control-plane/store/sqlite/database";
import { migrate, readMigrations } from "@cloud-assistant/control-plane/store/sqlite/migrate";
import { afterEach, beforeEach, expect, test } from "vitest";
import {
  ACCOUNT,
  aNonce,
  anActivation,
  anInvocation,
  NOW_MS,
  openStore,
  REGION,
  seatStore,
  sent,
  type StoreSeat,
} from "../support/stores.ts";

let seat: StoreSeat;
beforeEach(async () => {
  seat = await seatStore();
});
afterEach(() => seat.remove());

const aUser = (name: string, fields: Partial<User> = {}): User => ({
  userId: `id of ${name}`,
  userName: name,
  accountId: ACCOUNT,
  displayName: name,
  comments: "",
  createdMs: NOW_MS,
  ...fields,
});
const aKey = (id: string, user?: User): AccessKey => ({
  accessKeyId: id,
  accountId: ACCOUNT,
  ...(user && { user: { userId: user.userId, userName: user.userName } }),
  sealedSecret: Buffer.from(`secret of ${id}`),
  enabled: true,
  createdMs: NOW_MS,
});
const aPolicy = (name: string, fields: Partial<StoredPolicy> = {}): StoredPolicy => ({
  accountId: ACCOUNT,
  policyName: name,
  description: "",
  document: "{}",
  createdMs: NOW_MS,
  updatedMs: NOW_MS,
  ...fields,
});

test("accounts: one of a name, made with a key, listed by age", async () => {
  const { accounts } = seat.store;
  const main = { accountId: ACCOUNT, accountName: "main", createdMs: NOW_MS };
  await accounts.ensure(main);
  await accounts.ensure({ ...main, createdMs: NOW_MS + 5 });
  const second = { accountId: "2", accountName: "second", createdMs: NOW_MS + 1 };
  expect(await accounts.create(second, { ...aKey("K2"), accountId: "2" }, aNonce())).toBe(true);
  expect(await accounts.create({ ...second, accountId: "3" }, { ...aKey("K3"), accountId: "3" }, aNonce())).toBe(false);
  const store = await seat.reopen();
  expect(await store.accounts.list()).toEqual([main, second]);
  expect(await store.accounts.find("2")).toEqual(second);
  expect(await store.accounts.find("3")).toBeUndefined();
  expect([await store.accessKeys.find("K2"), await store.accessKeys.find("K3")]).toMatchObject([
    { accountId: "2" },
    undefined,
  ]);
});

test("users: one of a name in an account, so many in all, gone only when nothing is theirs", async () => {
  const { users, accessKeys, policies } = seat.store;
  const ann = aUser("ann", { displayName: "Ann", comments: "c" });
  expect(await users.create(ann, 2, aNonce())).toBe("created");
  expect(await users.create(aUser("ann", { userId: "another" }), 2, aNonce())).toBe("exists");
  expect(await users.create(aUser("ann", { userId: "elsewhere", accountId: "2" }), 2, aNonce())).toBe("created");
  expect(await users.create(aUser("bob"), 2, aNonce())).toBe("created");
  expect(await users.create(aUser("cat"), 2, aNonce())).toBe("tooMany");
  await accessKeys.create(aKey("A1", ann), 9, aNonce());
  await policies.attach(ann, { type: "System", name: "S" }, NOW_MS, 9, aNonce());
  expect(await users.remove(ACCOUNT, "ann", aNonce())).toBe("hasKeys");
  await accessKeys.remove({ accountId: ACCOUNT, userId: ann.userId }, "A1", aNonce());
  expect(await users.remove(ACCOUNT, "ann", aNonce())).toBe("hasPolicies");
  const store = await seat.reopen();
  expect(await store.users.find(ACCOUNT, "ann")).toEqual(ann);
  await store.policies.detach(ann, { type: "System", name: "S" }, aNonce());
  expect(await store.users.remove(ACCOUNT, "ann", aNonce())).toBe("removed");
  expect(await store.users.remove(ACCOUNT, "ann", aNonce())).toBe("unknown");
  expect((await store.users.list(ACCOUNT)).map(({ userName }) => userName)).toEqual(["bob"]);
  expect((await store.users.list("2")).map(({ userId }) => userId)).toEqual(["elsewhere"]);
});

test("access keys: of their owner only; the last enabled one of an account stays", async () => {
  const { users, accessKeys } = seat.store;
  const ann = aUser("ann");
  await users.create(ann, 9, aNonce());
  const [own, annes] = [
    { accountId: ACCOUNT, userId: undefined },
    { accountId: ACCOUNT, userId: ann.userId },
  ];
  await accessKeys.insert(aKey("R1"));
  expect(await accessKeys.create(aKey("A1", ann), 2, aNonce())).toBe(true);
  expect(await accessKeys.create(aKey("A2", ann), 2, aNonce())).toBe(true);
  expect(await accessKeys.create(aKey("A3", ann), 2, aNonce())).toBe(false);
  expect(await accessKeys.find("A1")).toEqual(aKey("A1", ann));
  expect((await accessKeys.list(own)).map(({ accessKeyId }) => accessKeyId)).toEqual(["R1"]);
  expect(await accessKeys.setEnabled(own, "A1", false, aNonce())).toBe("unknown");
  expect(await accessKeys.setEnabled(annes, "A1", false, aNonce())).toBe("done");
  expect(await accessKeys.setEnabled(own, "R1", false, aNonce())).toBe("last");
  expect(await accessKeys.remove(own, "R1", aNonce())).toBe("last");
  await accessKeys.create(aKey("R2"), 2, aNonce());
  expect(await accessKeys.setEnabled(own, "R1", false, aNonce())).toBe("done");
  expect(await accessKeys.setEnabled(own, "R2", false, aNonce())).toBe("last");
  expect(await accessKeys.setEnabled(own, "R1", true, aNonce())).toBe("done");
  expect(await accessKeys.remove(own, "R2", aNonce())).toBe("done");
  expect(await accessKeys.remove(annes, "A1", aNonce())).toBe("done");
  expect(await accessKeys.remove(annes, "A2", aNonce())).toBe("done");
  const store = await seat.reopen();
  expect(await store.accessKeys.list(annes)).toEqual([]);
  expect(await store.accessKeys.list(own)).toEqual([aKey("R1")]);
});

test("temporary keys: enabled as long as their parent is, gone with their user and long after they expire", async () => {
  const { users, accessKeys, temporaryKeys } = seat.store;
  const ann = aUser("ann");
  await users.create(ann, 9, aNonce());
  await accessKeys.create(aKey("A1", ann), 9, aNonce());
  const { enabled: _, ...key } = aKey("STS.1", ann);
  const made = { ...key, sessionName: "s", parentKeyId: "A1", policy: "{}", expiresMs: NOW_MS + 10 };
  expect(await temporaryKeys.create(made, 2, aNonce())).toBe(true);
  expect(await temporaryKeys.create({ ...made, accessKeyId: "STS.2", expiresMs: NOW_MS + 20 }, 2, aNonce())).toBe(true);
  expect(await temporaryKeys.create({ ...made, accessKeyId: "STS.3" }, 2, aNonce())).toBe(false);
  expect(
    await temporaryKeys.create(
      { ...made, accessKeyId: "STS.3", createdMs: NOW_MS + 10, expiresMs: NOW_MS + 15 },
      2,
      aNonce(),
    ),
  ).toBe(true);
  expect(await temporaryKeys.deleteExpired(NOW_MS + 9)).toBe(0);
  expect(await temporaryKeys.find("STS.1")).toEqual({ ...made, enabled: true });
  const annes = { accountId: ACCOUNT, userId: ann.userId };
  await accessKeys.setEnabled(annes, "A1", false, aNonce());
  expect(await temporaryKeys.find("STS.1")).toMatchObject({ enabled: false });
  await accessKeys.remove(annes, "A1", aNonce());
  const store = await seat.reopen();
  expect(await store.temporaryKeys.find("STS.1")).toMatchObject({ enabled: false, policy: "{}" });
  expect(await store.temporaryKeys.deleteExpired(NOW_MS + 10)).toBe(1);
  expect(await store.temporaryKeys.find("STS.3")).toMatchObject({ expiresMs: NOW_MS + 15 });
  expect(await store.temporaryKeys.find("STS.1")).toBeUndefined();
  await store.users.remove(ACCOUNT, "ann", aNonce());
  expect(await store.temporaryKeys.find("STS.2")).toBeUndefined();
});

test("policies: put again they are replaced, attached they stay", async () => {
  const { users, policies } = seat.store;
  const ann = aUser("ann");
  await users.create(ann, 9, aNonce());
  const policy = { type: "Custom", name: "P" } as const;
  expect(await policies.attach(ann, policy, NOW_MS, 2, aNonce())).toBe("unknown");
  expect(await policies.put(aPolicy("P"), 2, aNonce())).toBe("created");
  expect(await policies.put(aPolicy("P", { document: "[]", createdMs: 1, updatedMs: NOW_MS + 1 }), 2, aNonce())).toBe(
    "replaced",
  );
  expect(await policies.put(aPolicy("P", { accountId: "2" }), 1, aNonce())).toBe("created");
  expect(await policies.put(aPolicy("Q"), 2, aNonce())).toBe("created");
  expect(await policies.put(aPolicy("R"), 2, aNonce())).toBe("tooMany");
  expect(await policies.attach(ann, policy, NOW_MS, 2, aNonce())).toBe("attached");
  expect(await policies.attach(ann, policy, NOW_MS, 2, aNonce())).toBe("already");
  expect(await policies.attach(ann, { type: "System", name: "P" }, NOW_MS, 2, aNonce())).toBe("attached");
  expect(await policies.attach(ann, { type: "Custom", name: "Q" }, NOW_MS, 2, aNonce())).toBe("tooMany");
  const store = await seat.reopen();
  expect(await store.policies.find(ACCOUNT, "P")).toEqual(aPolicy("P", { document: "[]", updatedMs: NOW_MS + 1 }));
  expect((await store.policies.list(ACCOUNT)).map(({ policyName }) => policyName)).toEqual(["P", "Q"]);
  expect(await store.policies.listOf(ann.userId)).toEqual([
    { ...policy, document: "[]", attachedMs: NOW_MS },
    { type: "System", name: "P", attachedMs: NOW_MS },
  ]);
  expect(await store.policies.remove(ACCOUNT, "P", aNonce())).toBe("attached");
  expect(await store.policies.detach(ann, policy, aNonce())).toBe(true);
  expect(await store.policies.detach(ann, policy, aNonce())).toBe(false);
  expect(await store.policies.remove(ACCOUNT, "P", aNonce())).toBe("removed");
  expect(await store.policies.remove(ACCOUNT, "P", aNonce())).toBe("unknown");
  expect(await store.policies.find("2", "P")).toBeDefined();
});

test("whatever changes what a key may do changes the revision, and nothing else does", async () => {
  const { users, accessKeys, policies, activations, identityRevision } = seat.store;
  const ann = aUser("ann");
  const annes = { accountId: ACCOUNT, userId: ann.userId };
  const policy = { type: "Custom", name: "P" } as const;
  const steps: (() => Promise<unknown>)[] = [
    () => users.create(ann, 9, aNonce()),
    () => accessKeys.create(aKey("A1", ann), 9, aNonce()),
    () => accessKeys.setEnabled(annes, "A1", false, aNonce()),
    () => policies.put(aPolicy("P"), 9, aNonce()),
    () => policies.attach(ann, policy, NOW_MS, 9, aNonce()),
    () => policies.put(aPolicy("P", { document: "[]" }), 9, aNonce()),
    () => policies.detach(ann, policy, aNonce()),
    () => policies.remove(ACCOUNT, "P", aNonce()),
    () => accessKeys.remove(annes, "A1", aNonce()),
    () => users.remove(ACCOUNT, "ann", aNonce()),
  ];
  for (const step of steps) {
    const before = identityRevision();
    await step();
    expect(identityRevision()).not.toBe(before);
  }
  const before = identityRevision();
  await activations.insert(anActivation(), aNonce());
  await accessKeys.find("A1");
  expect(identityRevision()).toBe(before);
});

test("lists and counters are of one account", async () => {
  const { activations } = seat.store;
  await activations.insert(anActivation({ activationId: "A1" }), aNonce());
  await activations.insert(anActivation({ activationId: "A2", accountId: "2" }), aNonce());
  const of = async (accountId: string): Promise<unknown> => {
    const { rows, total } = await activations.list({ accountId, regionId: REGION, tags: [] }, { limit: 9 });
    return [
      total,
      rows.map(({ activationId }) => activationId),
      await activations.countOpen({ accountId, regionId: REGION }, NOW_MS),
    ];
  };
  expect([await of(ACCOUNT), await of("2"), await of("3")]).toEqual([
    [1, ["A1"], 1],
    [1, ["A2"], 1],
    [0, [], 0],
  ]);
});

test("runs are listed alike in a large account and in a small one beside it", async () => {
  const { invocations, runs } = seat.store;
  const make = (id: string, accountId: string): Promise<void> =>
    invocations.create(sent(anInvocation(id, { accountId }), "mi-1", "mi-2"), aNonce());
  for (let n = 0; n < 20; n++) await make(`large-${n}`, ACCOUNT);
  for (const id of ["a", "b", "c"]) await make(id, "2");
  await make("large-last", ACCOUNT);
  const list = async (accountId: string, more: object = {}, after?: string): Promise<string[]> => {
    const { rows, next, total } = await runs.list(
      { accountId, regionId: REGION, tags: [], ...more },
      { limit: 4, ...(after !== undefined && { after }) },
    );
    const [first] = rows;
    return [
      `${total}`,
      `${first?.invokeId} ${first?.instanceId}`,
      ...(next === undefined ? [] : await list(accountId, more, next)),
    ];
  };
  expect(await list("2")).toEqual(["6", "t-c mi-2", "6", "t-a mi-2"]);
  expect(await list("2", { statuses: ["Pending"] })).toEqual(["6", "t-c mi-2", "6", "t-a mi-2"]);
  expect(await list("2", { invokeId: "t-b" })).toEqual(["2", "t-b mi-2"]);
  expect(await list("2", { invokeId: "t-large-1" })).toEqual(["0", "undefined undefined"]);
  expect((await list(ACCOUNT)).slice(0, 4)).toEqual(["42", "t-large-last mi-2", "42", "t-large-18 mi-2"]);
});

test("what was there before there were accounts is the root access key's", async () => {
  const dir = await mkdtemp(join(tmpdir(), "store-old-"));
  const db = openDatabase(dir);
  migrate(db, 1, readMigrations().slice(0, 3));
  db.exec(`INSERT INTO access_keys VALUES ('AK', '77', x'00', 1, 1);
    INSERT INTO activations VALUES (1, 'A1', '${REGION}', x'00', 1, 1, '', '', '', 0, 1, 0, 0, '');
    INSERT INTO totals VALUES ('activations', '${REGION}', 1), ('instances', '${REGION}', 7)`);
  db.close();
  const store = await openStore({ dir });
  const scope = { accountId: "77", regionId: REGION, tags: [] };
  expect(await store.accessKeys.find("AK")).toMatchObject({ accountId: "77", enabled: true });
  expect(await store.activations.find("A1")).toMatchObject({ accountId: "77" });
  expect((await store.activations.list(scope, { limit: 9 })).total).toBe(1);
  expect((await store.instances.list(scope, { limit: 9 })).total).toBe(7);
  await store.close();
  await rm(dir, { recursive: true });
});
