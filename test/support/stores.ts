import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "@cloud-assistant/control-plane/clock";
import type { RunEvent } from "@cloud-assistant/control-plane/domain/run";
import type {
  Activation,
  Instance,
  Invocation,
  KeptAnswer,
  NewInvocation,
  RequestNonce,
  RunRef,
  Store,
} from "@cloud-assistant/control-plane/store/store";
import { openSqliteStore } from "@cloud-assistant/control-plane/store/sqlite/sqlite-store";
import type { Clock } from "@cloud-assistant/shared/clock";
import type { HostFacts } from "@cloud-assistant/shared/protocol/frames";
import { pino } from "pino";

export const NOW_MS = 1_800_000_000_000;
export const ACCOUNT = "1";
export const REGION = "cn-lab";

/** A store whose process may end: `reopen` opens what is on disk. */
export type StoreSeat = {
  readonly dir: string;
  readonly store: Store;
  reopen: () => Promise<Store>;
  remove: () => Promise<void>;
};
export type StoreOptions = { readonly storedOutputMaxBytes?: number; readonly clock?: Clock; readonly dir?: string };

export async function openStore(options: StoreOptions & { readonly dir: string }): Promise<Store> {
  const { dir, storedOutputMaxBytes = 64 * 1024 * 1024, clock = systemClock } = options;
  return openSqliteStore({ dir, clock, log: pino({ level: "silent" }), storedOutputMaxBytes });
}

export async function seatStore(options: StoreOptions = {}): Promise<StoreSeat> {
  const dir = options.dir ?? (await mkdtemp(join(tmpdir(), "store-")));
  let store = await openStore({ ...options, dir });
  return {
    dir,
    get store() {
      return store;
    },
    reopen: async () => {
      await store.close();
      store = await openStore({ ...options, dir });
      return store;
    },
    remove: async () => {
      await store.close();
      await rm(dir, { recursive: true, force: true });
    },
  };
}

let nonces = 0;
/** Another one each time. */
export function aNonce(fields: Partial<RequestNonce> = {}): RequestNonce {
  return { accessKeyId: "AK", nonce: `nonce-${process.pid}-${++nonces}`, expiresMs: NOW_MS + 900_000, ...fields };
}

/** The answer a ClientToken is given again. */
export function kept(token: string, fields: Partial<KeptAnswer> = {}): KeptAnswer {
  const sealedAnswer = Buffer.from(`answer of ${token}`);
  return {
    accountId: "1",
    action: "RunCommand",
    token,
    parametersHash: "h",
    createdMs: NOW_MS,
    sealedAnswer,
    ...fields,
  };
}

export function anActivation(fields: Partial<Activation> = {}): Activation {
  return {
    activationId: "A1",
    accountId: ACCOUNT,
    regionId: REGION,
    sealedCode: Buffer.from("sealed code"),
    instanceCount: 10,
    timeToLiveHours: 4,
    description: "",
    instanceName: "",
    ipAddressRange: "",
    disabled: false,
    createdMs: NOW_MS,
    registeredCount: 0,
    deregisteredCount: 0,
    resourceGroupId: "",
    tags: [],
    ...fields,
  };
}

export const HOST: HostFacts = {
  hostname: "host",
  osType: "linux",
  osVersion: "Debian GNU/Linux 12",
  arch: "x64",
  intranetIp: "10.0.0.1",
  agentVersion: "0.1.0",
  machineId: "machine",
  fingerprint: "fingerprint",
  bootId: "boot",
};

export function anInstance(id: string, fields: Partial<Instance> = {}): Instance {
  return {
    instanceId: `mi-${id}`,
    accountId: ACCOUNT,
    regionId: REGION,
    activationId: "A1",
    instanceName: "",
    publicKey: `key of ${id}`,
    sealKey: "seal key",
    host: HOST,
    internetIp: "192.0.2.1",
    registeredMs: NOW_MS,
    lastSeenMs: NOW_MS,
    invocationCount: 0,
    activeCount: 0,
    resourceGroupId: "",
    tags: [],
    ...fields,
  };
}

export function anInvocation(id: string, fields: Partial<Invocation> = {}): Invocation {
  return {
    invokeId: `t-${id}`,
    commandId: `c-${id}`,
    accountId: ACCOUNT,
    regionId: REGION,
    name: "",
    description: "",
    commandType: "RunShellScript",
    content: Buffer.from("echo hello"),
    parameters: {},
    enableParameter: false,
    workingDir: "",
    username: "",
    timeoutSeconds: 60,
    terminationMode: "",
    repeatMode: "Once",
    frequency: "",
    launcher: "",
    containerId: "",
    containerName: "",
    windowsPasswordName: "",
    ossOutputDelivery: "",
    sealedValues: "",
    resourceGroupId: "",
    revision: 0,
    createdMs: NOW_MS,
    deadlineMs: NOW_MS + 60_000,
    tags: [],
    ...fields,
  };
}

/** Targets that wait for their hosts. */
export function waiting(invocation: Invocation, ...instanceIds: string[]): NewInvocation {
  const run = { status: "Pending", deadlineMs: invocation.deadlineMs } as const;
  return { invocation, targets: instanceIds.map((instanceId) => ({ instanceId, run })) };
}

/** Targets whose orders are about to leave. */
export function sent(invocation: Invocation, ...instanceIds: string[]): NewInvocation {
  const run = { status: "Pending", deadlineMs: invocation.deadlineMs, sentMs: invocation.createdMs } as const;
  return { invocation, targets: instanceIds.map((instanceId) => ({ instanceId, run, sentLedgerId: "ledger" })) };
}

export function ref(id: string, instanceId: string): RunRef {
  return { invokeId: `t-${id}`, iteration: 1, instanceId };
}

export function exited(exitCode: number, atMs: number = NOW_MS): RunEvent {
  return { type: "ended", atMs, end: { how: "exited", exitCode, startedMs: atMs, finishedMs: atMs } };
}
