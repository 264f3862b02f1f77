import type { Instance } from "@cloud-assistant/control-plane/store/store";
import { afterEach, beforeEach, expect, test } from "vitest";
import {
  aNonce,
  ACCOUNT,
  anActivation,
  anInstance,
  HOST,
  NOW_MS,
  REGION,
  seatStore,
  type StoreSeat,
} from "../support/stores.ts";

const HOUR_MS = 3_600_000;
let seat: StoreSeat;
beforeEach(async () => {
  seat = await seatStore();
});
afterEach(() => seat.remove());

const everything = { accountId: ACCOUNT, regionId: REGION, tags: [] };

test("an access key comes back as it was given", async () => {
  const key = {
    accessKeyId: "AK",
    accountId: "1",
    sealedSecret: Buffer.from([0, 1, 255]),
    enabled: false,
    createdMs: NOW_MS,
  };
  await seat.store.accessKeys.insert(key);
  await expect(seat.store.accessKeys.insert({ ...key, enabled: true })).rejects.toThrow("AK exists already");
  const store = await seat.reopen();
  expect(await store.accessKeys.find("AK")).toEqual(key);
  expect(await store.accessKeys.find("AK2")).toBeUndefined();
});

test("an activation comes back as it was given; an id is given once", async () => {
  const tags = [
    { key: "b", value: "2" },
    { key: "a", value: "1" },
  ];
  const activation = anActivation({ description: "lab", instanceName: "rack", ipAddressRange: "10.0.0.0/8", tags });
  await seat.store.activations.insert(activation, aNonce());
  await expect(seat.store.activations.insert(activation, aNonce())).rejects.toThrow("exists already");
  const store = await seat.reopen();
  expect(await store.activations.find("A1")).toEqual(activation);
  expect(await store.activations.find("A2")).toBeUndefined();
});

test("open activations: neither disabled nor expired", async () => {
  const { activations } = seat.store;
  await activations.insert(anActivation({ activationId: "open" }), aNonce());
  await activations.insert(anActivation({ activationId: "disabled", disabled: true }), aNonce());
  await activations.insert(anActivation({ activationId: "short", timeToLiveHours: 1 }), aNonce());
  await activations.insert(anActivation({ activationId: "elsewhere", regionId: "other" }), aNonce());
  expect(await activations.countOpen({ accountId: ACCOUNT, regionId: REGION }, NOW_MS + HOUR_MS - 1)).toBe(2);
  expect(await activations.countOpen({ accountId: ACCOUNT, regionId: REGION }, NOW_MS + HOUR_MS)).toBe(1);
  expect(await activations.countOpen({ accountId: ACCOUNT, regionId: REGION }, NOW_MS + 4 * HOUR_MS)).toBe(0);
});

test("filters of activations: the name is a prefix, wildcards are letters", async () => {
  const { activations } = seat.store;
  const tags = [{ key: "env", value: "lab" }];
  await activations.insert(anActivation({ activationId: "A1", instanceName: "rack-a" }), aNonce());
  await activations.insert(anActivation({ activationId: "A2", instanceName: "rack-b", tags }), aNonce());
  await activations.insert(anActivation({ activationId: "A3", instanceName: "r*[k" }), aNonce());
  const found = async (filter: object): Promise<string[]> => {
    const { rows, total } = await activations.list({ ...everything, ...filter }, { limit: 10 });
    expect(total).toBe(rows.length);
    return rows.map(({ activationId }) => activationId);
  };
  expect(await found({})).toEqual(["A3", "A2", "A1"]);
  expect(await found({ instanceName: "rack" })).toEqual(["A2", "A1"]);
  expect(await found({ instanceName: "Rack" })).toEqual([]);
  expect(await found({ instanceName: "r*" })).toEqual(["A3"]);
  expect(await found({ instanceName: "r*[" })).toEqual(["A3"]);
  expect(await found({ activationId: "A2" })).toEqual(["A2"]);
  expect(await found({ tags })).toEqual(["A2"]);
  expect(await found({ regionId: "other" })).toEqual([]);
});

test("a registration counts once, however often it is repeated, and is answered when the activation is over", async () => {
  const { activations, instances } = seat.store;
  await activations.insert(anActivation({ instanceCount: 2 }), aNonce());
  const first = await instances.register(anInstance("1"), NOW_MS);
  expect(first).toEqual({ result: "registered", instance: { ...anInstance("1"), instanceName: "host" } });
  const repeats = await Promise.all([
    instances.register(anInstance("again", { publicKey: "key of 1" }), NOW_MS),
    instances.register(anInstance("2"), NOW_MS),
    instances.register(anInstance("3"), NOW_MS),
  ]);
  expect(repeats.map(({ result, instance }) => [result, instance?.instanceId])).toEqual([
    ["known", "mi-1"],
    ["registered", "mi-2"],
    ["exhausted", undefined],
  ]);
  expect((await activations.find("A1"))?.registeredCount).toBe(2);
  const late = NOW_MS + 4 * HOUR_MS;
  expect((await instances.register(anInstance("again", { publicKey: "key of 1" }), late)).result).toBe("known");
  expect(await instances.register(anInstance("4"), late)).toEqual({ result: "expired" });
  const store = await seat.reopen();
  expect((await store.instances.list(everything, { limit: 10 })).total).toBe(2);
});

test("a disabled activation registers nobody, an unknown one is an error", async () => {
  const { activations, instances } = seat.store;
  await activations.insert(anActivation({ disabled: true }), aNonce());
  expect(await instances.register(anInstance("1"), NOW_MS)).toEqual({ result: "disabled" });
  await expect(instances.register(anInstance("1", { activationId: "A9" }), NOW_MS)).rejects.toThrow("no activation A9");
  expect(await instances.find("mi-1")).toBeUndefined();
});

test("names: its own, else the activation's prefix with a number, else the host's", async () => {
  const { activations, instances } = seat.store;
  await activations.insert(anActivation({ instanceName: "rack" }), aNonce());
  await activations.insert(anActivation({ activationId: "A2", instanceName: "big", instanceCount: 1_000 }), aNonce());
  const nameOf = async (instance: Instance): Promise<string | undefined> =>
    (await instances.register(instance, NOW_MS)).instance?.instanceName;
  expect(await nameOf(anInstance("1"))).toBe("rack-001");
  expect(await nameOf(anInstance("2", { instanceName: "db" }))).toBe("db");
  expect(await nameOf(anInstance("3"))).toBe("rack-003");
  expect(await nameOf(anInstance("4", { activationId: "A2" }))).toBe("big-0001");
});

test("what a host tells of itself is updated; a heartbeat sweep updates many", async () => {
  const { activations, instances } = seat.store;
  await activations.insert(anActivation(), aNonce());
  for (const id of ["1", "2", "3"]) await instances.register(anInstance(id), NOW_MS);
  const host = { ...HOST, hostname: "renamed", intranetIp: "10.0.0.9", machineId: "m9" };
  await instances.saveSeen("mi-1", { host, internetIp: "198.51.100.7", atMs: NOW_MS + 1 });
  await instances.saveLastSeen(["mi-2", "mi-9"], NOW_MS + 2);
  expect(await instances.find("mi-1")).toMatchObject({ host, internetIp: "198.51.100.7", lastSeenMs: NOW_MS + 1 });
  expect((await instances.find("mi-2"))?.lastSeenMs).toBe(NOW_MS + 2);
  expect((await instances.find("mi-3"))?.lastSeenMs).toBe(NOW_MS);
  expect((await instances.list({ ...everything, machineId: "m9" }, { limit: 5 })).total).toBe(1);
});

test("filters of instances", async () => {
  const { activations, instances } = seat.store;
  await activations.insert(anActivation(), aNonce());
  await activations.insert(anActivation({ activationId: "A2" }), aNonce());
  await instances.register(anInstance("1", { instanceName: "web-1", tags: [{ key: "env", value: "lab" }] }), NOW_MS);
  await instances.register(
    anInstance("2", { instanceName: "web-2", activationId: "A2", internetIp: "203.0.113.5" }),
    NOW_MS,
  );
  const windows = { ...HOST, osType: "windows" as const, intranetIp: "10.0.0.2", machineId: "m3" };
  const twice = [
    { key: "env", value: "old" },
    { key: "env", value: "new" },
  ];
  await instances.register(anInstance("3", { instanceName: "db?", host: windows, tags: twice }), NOW_MS);
  const found = async (filter: object): Promise<string[]> => {
    const { rows, total } = await instances.list({ ...everything, ...filter }, { limit: 10 });
    expect(total).toBe(rows.length);
    return rows.map(({ instanceId }) => instanceId);
  };
  expect(await found({})).toEqual(["mi-3", "mi-2", "mi-1"]);
  expect(await found({ instanceIds: ["mi-1", "mi-3", "mi-9"] })).toEqual(["mi-3", "mi-1"]);
  expect(await found({ instanceIds: [] })).toEqual([]);
  expect(await found({ activationId: "A2" })).toEqual(["mi-2"]);
  expect(await found({ instanceName: "web-1" })).toEqual(["mi-1"]);
  expect(await found({ instanceName: "web" })).toEqual([]);
  expect(await found({ instanceName: "web*" })).toEqual(["mi-2", "mi-1"]);
  expect(await found({ instanceName: "db?" })).toEqual(["mi-3"]);
  expect(await found({ instanceName: "web-?" })).toEqual([]);
  expect(await found({ instanceIp: "10.0.0.2" })).toEqual(["mi-3"]);
  expect(await found({ instanceIp: "203.0.113.5" })).toEqual(["mi-2"]);
  expect(await found({ machineId: "m3" })).toEqual(["mi-3"]);
  expect(await found({ osType: "Windows" })).toEqual(["mi-3"]);
  expect(await found({ connected: true, connectedIds: ["mi-2"] })).toEqual(["mi-2"]);
  expect(await found({ connected: false, connectedIds: ["mi-2"] })).toEqual(["mi-3", "mi-1"]);
  expect(await found({ connected: true, connectedIds: [] })).toEqual([]);
  expect(await found({ tags: [{ key: "env", value: "lab" }] })).toEqual(["mi-1"]);
  expect(await found({ tags: [{ key: "env", value: "old" }] })).toEqual([]);
  expect((await instances.find("mi-3"))?.tags).toEqual([{ key: "env", value: "new" }]);
  const first = await instances.list(everything, { limit: 2 });
  expect(first.total).toBe(3);
  expect(
    (await instances.list(everything, { limit: 2, ...(first.next !== undefined && { after: first.next }) })).rows,
  ).toHaveLength(1);
});
