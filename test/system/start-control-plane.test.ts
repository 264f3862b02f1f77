import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createConnection } from "node:net";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadConfig } from "@cloud-assistant/control-plane/config";
import { randomIds } from "@cloud-assistant/control-plane/ids";
import { createLog } from "@cloud-assistant/control-plane/log";
import { startControlPlane, type ControlPlane } from "@cloud-assistant/control-plane/main";
import { createRootAccessKeyFile } from "@cloud-assistant/control-plane/root-access-key";
import { afterEach, beforeEach, expect, test } from "vitest";
import { callApi } from "../support/server.ts";

let dataDir: string;
const started: ControlPlane[] = [];
const lines: string[] = [];
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), "start-"));
});
afterEach(async () => {
  await Promise.all(started.splice(0).map((controlPlane) => controlPlane.close()));
  rmSync(dataDir, { recursive: true });
});

async function start(flags: Record<string, unknown> = {}): Promise<ControlPlane> {
  const config = loadConfig({ flags: { dataDir, listen: "127.0.0.1:0", ...flags }, env: {}, file: undefined });
  const controlPlane = await startControlPlane({
    config,
    log: createLog("debug", { write: (line) => void lines.push(line) }),
  });
  started.push(controlPlane);
  return controlPlane;
}

const path = (name: string): string => join(dataDir, name);
const read = (name: string): Record<string, string> =>
  JSON.parse(readFileSync(path(name), "utf8")) as Record<string, string>;

async function rootKeyWorks({ endpoint }: ControlPlane): Promise<boolean> {
  const { AccessKeyId = "", AccessKeySecret = "" } = read("root-access-key.json");
  const answer = await callApi(
    { endpoint, accessKeyId: AccessKeyId, accessKeySecret: AccessKeySecret },
    "DescribeRegions",
    {},
  );
  return answer["Regions"] !== undefined;
}

test("the first start makes a root access key that works, says where it listens, and cleans up behind it", async () => {
  const controlPlane = await start();
  expect(Object.keys(read("root-access-key.json"))).toEqual(["AccessKeyId", "AccessKeySecret"]);
  expect(statSync(path("root-access-key.json")).mode & 0o777).toBe(0o600);
  expect(read("control-plane.json")).toEqual({
    endpoint: controlPlane.endpoint,
    pid: process.pid,
    keyFingerprint: controlPlane.keyFingerprint,
  });
  expect(controlPlane.keyFingerprint).toMatch(/^sha256:[0-9a-f]{64}$/);
  expect(await rootKeyWorks(controlPlane)).toBe(true);
  await controlPlane.close();
  expect(existsSync(path("control-plane.json"))).toBe(false);
});

test("keys stay the same over a restart, also when the operator has taken the root key file away", async () => {
  const first = await start();
  const key = readFileSync(path("root-access-key.json"), "utf8");
  await first.close();
  rmSync(path("root-access-key.json"));
  const second = await start();
  expect(existsSync(path("root-access-key.json"))).toBe(false);
  expect(second.keyFingerprint).toBe(first.keyFingerprint);
  await second.close();
  writeFileSync(path("root-access-key.json"), key, { mode: 0o600 });
  expect(await rootKeyWorks(await start())).toBe(true);
});

test("a crash between the key file and its row leaves a key that works after the next start", async () => {
  createRootAccessKeyFile(dataDir, { ids: randomIds });
  const key = read("root-access-key.json");
  expect(await rootKeyWorks(await start())).toBe(true);
  expect(read("root-access-key.json")).toEqual(key);
});

test("a root key file that disagrees with the database stops the start", async () => {
  await (await start()).close();
  const { AccessKeyId } = read("root-access-key.json");
  writeFileSync(path("root-access-key.json"), JSON.stringify({ AccessKeyId, AccessKeySecret: "another" }));
  await expect(start()).rejects.toThrow(/another secret than the database/);
});

test("a database without its keys is not opened with new ones", async () => {
  await (await start()).close();
  rmSync(path("signing-key.json"));
  await expect(start()).rejects.toThrow(/signing-key.json is missing although there is a database/);
});

test("a database with another master key does not start", async () => {
  await (await start()).close();
  const other = mkdtempSync(join(tmpdir(), "start-"));
  const stranger = await startControlPlane({
    config: loadConfig({ flags: { dataDir: other, listen: "127.0.0.1:0" }, env: {}, file: undefined }),
    log: createLog("silent"),
  });
  await stranger.close();
  copyFileSync(join(other, "master-key.json"), path("master-key.json"));
  rmSync(other, { recursive: true });
  await expect(start()).rejects.toThrow(/authenticate/);
});

test("a second control plane on the same directory, or the same port, is refused", async () => {
  const first = await start();
  await expect(start()).rejects.toThrow(/in use|locked|another/i);
  const elsewhere = mkdtempSync(join(tmpdir(), "start-"));
  await expect(start({ dataDir: elsewhere, listen: `127.0.0.1:${first.address.port}` })).rejects.toThrow(/EADDRINUSE/);
  rmSync(elsewhere, { recursive: true });
  expect(await rootKeyWorks(first)).toBe(true);
});

test("plain HTTP beyond this machine must be asked for, and is warned of", async () => {
  await expect(start({ listen: "0.0.0.0:0" })).rejects.toThrow(/refusing to listen on 0.0.0.0:0 over plain HTTP/);
  lines.length = 0;
  const open = await start({ listen: "0.0.0.0:0", insecure: true });
  expect(open.endpoint).toBe(`http://127.0.0.1:${open.address.port}`);
  expect(lines.filter((line) => line.includes('"level":40')).join("")).toContain("plain HTTP");
  expect(await rootKeyWorks(open)).toBe(true);
});

test("it listens on IPv6 and says so usably", async () => {
  const controlPlane = await start({ listen: "[::1]:0" });
  expect(controlPlane.endpoint).toBe(`http://[::1]:${controlPlane.address.port}`);
  expect(await rootKeyWorks(controlPlane)).toBe(true);
});

test("closing does not wait for a client that never finishes", async () => {
  const controlPlane = await start();
  const socket = createConnection({ host: "127.0.0.1", port: controlPlane.address.port });
  await once(socket, "connect");
  socket.on("error", () => undefined).resume();
  socket.write("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nhalf");
  const closed = once(socket, "close");
  await controlPlane.close();
  await closed;
  await expect(controlPlane.close()).resolves.toBeUndefined(); // a second time changes nothing
});
