import { existsSync, mkdtempSync, rmSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "@cloud-assistant/control-plane/clock";
import { loadConfig } from "@cloud-assistant/control-plane/config";
import type { Context } from "@cloud-assistant/control-plane/context";
import { accessKeyPurpose } from "@cloud-assistant/control-plane/domain/seal-purposes";
import { createApiServer } from "@cloud-assistant/control-plane/http/server";
import { randomIds } from "@cloud-assistant/control-plane/ids";
import { openKeys } from "@cloud-assistant/control-plane/keys";
import { createLinkServer } from "@cloud-assistant/control-plane/link/link-server";
import { createOutputBus } from "@cloud-assistant/control-plane/link/output-bus";
import { createLog } from "@cloud-assistant/control-plane/log";
import { databasePath } from "@cloud-assistant/control-plane/store/sqlite/database";
import { openSqliteStore } from "@cloud-assistant/control-plane/store/sqlite/sqlite-store";
import type { Instance, StoredRun } from "@cloud-assistant/control-plane/store/store";
import type { Clock } from "@cloud-assistant/shared/clock";
import type { Target } from "./sdk.ts";

/** The API over its real parts, with the store in the test's hands: it plays what hosts would report. */
export type OpenApi = {
  readonly context: Context;
  readonly target: Target;
  /** Every line of the log so far. */
  readonly logged: readonly string[];
  /** Registers a host, which is offline. */
  addInstance: (changes?: Partial<Instance>) => Promise<Instance>;
  /** A run's life as its host tells it: started, printed, ended by itself. */
  play: (run: { invokeId: string; instanceId: string }, output: Uint8Array, exitCode?: number) => Promise<StoredRun>;
  close: () => Promise<void>;
};

export type OpenApiParts = {
  /** Puts what an earlier version had written into the data directory. */
  readonly prepare?: (dataDir: string) => void;
  readonly clock?: Clock;
};

export async function openApi(
  settings: Record<string, unknown> = {},
  { prepare, clock = systemClock }: OpenApiParts = {},
): Promise<OpenApi> {
  const dataDir = mkdtempSync(join(tmpdir(), "open-api-"));
  prepare?.(dataDir);
  const config = loadConfig({ flags: { dataDir, ...settings }, env: {}, file: {} });
  const keys = openKeys(dataDir, existsSync(databasePath(dataDir)));
  const logged: string[] = [];
  const log = createLog("debug", { write: (line) => logged.push(line) });
  const store = await openSqliteStore({ dir: dataDir, clock, log, storedOutputMaxBytes: config.storedOutputMaxBytes });
  const shared = { config, keys, log, clock, store, ids: randomIds, outputBus: createOutputBus() };
  const hub = createLinkServer(shared);
  const context: Context = { ...shared, hub };
  const [accessKeyId, accessKeySecret] = ["AKTEST", "secret of the test"];
  const sealedSecret = keys.seal(accessKeyPurpose(accessKeyId), accessKeySecret);
  if (!(await store.accessKeys.find(accessKeyId)))
    await store.accessKeys.insert({
      accessKeyId,
      accountId: config.accountId,
      sealedSecret,
      enabled: true,
      createdMs: clock.now(),
    });
  const app = createApiServer(context);
  await app.listen({ host: "127.0.0.1", port: 0 });
  const { port } = app.server.address() as AddressInfo;

  let registered = 0;
  let activationId: Promise<string> | undefined;
  return {
    context,
    logged,
    target: { endpoint: `http://127.0.0.1:${port}`, accessKeyId, accessKeySecret },
    addInstance: async (changes = {}) => {
      activationId ??= addActivation(context);
      const { instance } = await store.instances.register(
        { ...makeInstance(++registered, await activationId, context), ...changes },
        clock.now(),
      );
      if (!instance) throw new Error("the instance was not registered");
      return instance;
    },
    play: async ({ invokeId, instanceId }, output, exitCode = 0) => {
      const ref = { invokeId, instanceId, iteration: 1 };
      const atMs = clock.now();
      await store.runs.apply(ref, { type: "started", atMs });
      const pieces = Array.from({ length: Math.ceil(output.length / 100_000) }, (_, index) => index * 100_000);
      for (const offset of pieces) await store.output.append(ref, offset, output.subarray(offset, offset + 100_000));
      const ended = await store.runs.apply(ref, {
        type: "ended",
        atMs,
        end: { how: "exited", exitCode, startedMs: atMs, finishedMs: atMs + 1000 },
      });
      shared.outputBus.publish(invokeId);
      if (!ended) throw new Error("there is no such run");
      return ended;
    },
    close: async () => {
      await app.close();
      await hub.close();
      await store.close();
      rmSync(dataDir, { recursive: true });
    },
  };
}

async function addActivation({ store, ids, config, clock, keys }: Context): Promise<string> {
  const activationId = ids.activationId();
  await store.activations.insert(
    {
      activationId,
      accountId: config.accountId,
      regionId: config.regionIds[0] ?? "",
      sealedCode: keys.seal("test", "code"),
      instanceCount: 1000,
      timeToLiveHours: 1,
      description: "",
      instanceName: "",
      ipAddressRange: "",
      disabled: false,
      createdMs: clock.now(),
      registeredCount: 0,
      deregisteredCount: 0,
      resourceGroupId: "",
      tags: [],
    },
    { accessKeyId: "test", nonce: ids.nonce(), expiresMs: clock.now() },
  );
  return activationId;
}

function makeInstance(index: number, activationId: string, { ids, config, clock }: Context): Instance {
  const atMs = clock.now();
  return {
    instanceId: ids.instanceId(),
    accountId: config.accountId,
    regionId: config.regionIds[0] ?? "",
    activationId,
    instanceName: `host-${index}`,
    publicKey: ids.nonce(),
    sealKey: ids.nonce(),
    host: {
      hostname: `lab${index}`,
      osType: "linux",
      osVersion: "Debian GNU/Linux 13",
      arch: "x64",
      intranetIp: `10.0.0.${index}`,
      agentVersion: "0.1.0",
      machineId: `machine-${index}`,
      fingerprint: `fingerprint-${index}`,
      bootId: "boot",
    },
    internetIp: `192.0.2.${index}`,
    registeredMs: atMs,
    lastSeenMs: atMs,
    invocationCount: 0,
    activeCount: 0,
    resourceGroupId: "",
    tags: [],
  };
}
