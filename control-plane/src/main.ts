import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import type { Clock } from "@cloud-assistant/shared/clock";
import type { FastifyInstance } from "fastify";
import type { Logger } from "pino";
import { systemClock } from "./clock.ts";
import type { Config } from "./config.ts";
import type { Context } from "./context.ts";
import { createApiServer } from "./http/server.ts";
import { randomIds, type Ids } from "./ids.ts";
import * as deadlines from "./jobs/deadlines.ts";
import * as nonces from "./jobs/nonces.ts";
import * as retention from "./jobs/retention.ts";
import { periodically } from "./jobs/periodically.ts";
import { openKeys, type Keys } from "./keys.ts";
import { createLinkServer, type LinkServer } from "./link/link-server.ts";
import { createOutputBus } from "./link/output-bus.ts";
import { registerRoutes } from "./link/register.ts";
import { endpointOf, judgeListen } from "./listen-address.ts";
import { createLog } from "./log.ts";
import { replaceFile } from "./private-file.ts";
import { adoptRootAccessKey, createRootAccessKeyFile } from "./root-access-key.ts";
import type { OnControlPlaneStep } from "./steps.ts";
import { databasePath } from "./store/sqlite/database.ts";
import { openSqliteStore } from "./store/sqlite/sqlite-store.ts";
import type { Store } from "./store/store.ts";

export const CONTROL_PLANE_FILE = "control-plane.json";

/** Between two looks for runs whose time is over, milliseconds: the API promises a minute, not a second. */
const DEADLINES_MS = 1_000;
const NONCES_MS = 60_000;
const RETENTION_MS = 60_000;
/** How long answers under way may take when we close, milliseconds; live tails never end by themselves. */
const DRAIN_MS = 2_000;

export type ControlPlaneOptions = {
  readonly config: Config;
  readonly log?: Logger;
  readonly clock?: Clock;
  readonly ids?: Ids;
  readonly onStep?: OnControlPlaneStep;
};

export type ControlPlane = {
  /** A URL that reaches it from this machine. */
  readonly endpoint: string;
  readonly address: AddressInfo;
  readonly pid: number;
  readonly keyFingerprint: string;
  /** What the link has seen; the numbers go on counting. */
  readonly counters: LinkServer["counters"];
  close: () => Promise<void>;
};

/**
 * Opens keys and store, listens, and says where in `<data-dir>/control-plane.json`.
 * @throws {Error} with what to do about it: an open address, another control plane, a missing or readable key file, a port in use.
 */
export async function startControlPlane(options: ControlPlaneOptions): Promise<ControlPlane> {
  const { config, clock = systemClock, ids = randomIds, onStep = () => undefined } = options;
  const log = options.log ?? createLog(config.logLevel);
  const { refusal, warning } = judgeListen(config.listen, config.insecure);
  if (refusal) throw new Error(refusal);
  if (warning) log.warn({ listen: config.listen }, warning);

  const keys = openDataDir(config.dataDir, ids);
  const store = await openSqliteStore({
    dir: config.dataDir,
    clock,
    log: log.child({ component: "store" }),
    storedOutputMaxBytes: config.storedOutputMaxBytes,
  });
  try {
    return await serve({ config, clock, ids, log, keys, store }, onStep);
  } catch (error) {
    await store.close();
    throw error;
  }
}

function openDataDir(dataDir: string, ids: Ids): Keys {
  try {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  } catch (cause) {
    throw new Error(`cannot use the data directory ${dataDir}: name one this user may write to with --data-dir`, {
      cause,
    });
  }
  const databaseExists = existsSync(databasePath(dataDir));
  const keys = openKeys(dataDir, databaseExists);
  if (!databaseExists) createRootAccessKeyFile(dataDir, { ids });
  return keys;
}

type Parts = {
  readonly config: Config;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Logger;
  readonly keys: Keys;
  readonly store: Store;
};

async function serve({ log, ...parts }: Parts, onStep: OnControlPlaneStep): Promise<ControlPlane> {
  const { config, clock, keys, store } = parts;
  await adoptRootAccessKey({ ...parts, log });
  const outputBus = createOutputBus();
  const link = createLinkServer({ ...parts, outputBus, log: log.child({ component: "link" }) }, onStep);
  const context: Context = { ...parts, outputBus, hub: link, log: log.child({ component: "api" }) };
  const app = createApiServer(context, {
    onStep,
    register: (server) => registerRoutes(server, { ...context, log: log.child({ component: "registration" }) }),
  });
  app.server.on("upgrade", link.upgrade);
  try {
    await app.listen({ host: config.listen.host, port: config.listen.port });
  } catch (error) {
    await Promise.all([app.close(), link.close()]);
    throw error;
  }

  const stopping = new AbortController();
  const jobContext = { ...context, log: log.child({ component: "jobs" }) };
  const jobs = [
    periodically(jobContext, "deadlines", DEADLINES_MS, () => deadlines.runOnce(jobContext), stopping.signal),
    periodically(jobContext, "nonces", NONCES_MS, () => nonces.runOnce(jobContext), stopping.signal),
    periodically(
      jobContext,
      "retention",
      RETENTION_MS,
      () => retention.runOnce(jobContext, stopping.signal),
      stopping.signal,
    ),
  ];
  const address = app.server.address() as AddressInfo;
  const endpoint = endpointOf(address);
  const file = join(config.dataDir, CONTROL_PLANE_FILE);
  replaceFile(file, `${JSON.stringify({ endpoint, pid: process.pid, keyFingerprint: keys.fingerprint })}\n`, 0o644);
  log.info({ endpoint, keyFingerprint: keys.fingerprint }, "control plane ready");

  const close = async (): Promise<void> => {
    removeIfOurs(file);
    stopping.abort();
    await Promise.all([closeServer(app, clock), link.close(), ...jobs]);
    await store.close();
    log.info({ endpoint }, "control plane closed");
  };
  let closed: Promise<void> | undefined;
  return {
    endpoint,
    address,
    pid: process.pid,
    keyFingerprint: keys.fingerprint,
    counters: link.counters,
    close: () => (closed ??= close()),
  };
}

/** Takes no new requests, lets those under way finish for a while, then cuts. */
async function closeServer(app: FastifyInstance, clock: Clock): Promise<void> {
  const draining = new AbortController();
  const cut = clock.sleep(DRAIN_MS, draining.signal).then(
    () => app.server.closeAllConnections(),
    () => undefined, // closed in time
  );
  await app.close();
  draining.abort();
  await cut;
}

/** A control plane started in the same directory after us has its own file there. */
function removeIfOurs(file: string): void {
  if (!existsSync(file)) return;
  const { pid } = JSON.parse(readFileSync(file, "utf8")) as { pid: number };
  if (pid === process.pid) rmSync(file);
}
