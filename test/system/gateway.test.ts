import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "@cloud-assistant/control-plane/clock";
import { loadConfig } from "@cloud-assistant/control-plane/config";
import { createLog } from "@cloud-assistant/control-plane/log";
import { startControlPlane } from "@cloud-assistant/control-plane/main";
import type { OnControlPlaneStep } from "@cloud-assistant/control-plane/steps";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { SDK_CLIENTS, sdkCall, type Target } from "../support/sdk.ts";
import { signedV1, signedV3, toQuery, toTimestamp, type Parameters } from "../support/signed-request.ts";

const REGION = { RegionId: "cn-hangzhou" };
const UUID = /^[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}$/;

const dataDir = mkdtempSync(join(tmpdir(), "gateway-"));
const logged: string[] = [];
let onStep: OnControlPlaneStep = () => undefined;
let skewMs = 0;
let plane: Awaited<ReturnType<typeof startControlPlane>>;
let target: Target;

async function start(): Promise<void> {
  plane = await startControlPlane({
    config: loadConfig({ flags: { listen: "127.0.0.1:0", dataDir }, env: {}, file: {} }),
    log: createLog("debug", { write: (line) => logged.push(line) }),
    clock: { ...systemClock, now: () => systemClock.now() + skewMs },
    onStep: (step, fields) => onStep(step, fields),
  });
  const key = JSON.parse(readFileSync(join(dataDir, "root-access-key.json"), "utf8")) as {
    AccessKeyId: string;
    AccessKeySecret: string;
  };
  target = { endpoint: plane.endpoint, accessKeyId: key.AccessKeyId, accessKeySecret: key.AccessKeySecret };
}

beforeAll(start);
afterAll(async () => {
  await plane.close();
  rmSync(dataDir, { recursive: true });
});

type Answer = { status: number; Code?: string; Message?: string; RequestId?: string; Regions?: object };

/** Every answer, whatever its status, must be JSON with a request id that is in the header too. */
async function send(path: string, init: RequestInit = {}): Promise<Answer> {
  const response = await fetch(target.endpoint + path, init);
  expect(response.headers.get("content-type")).toBe("application/json;charset=utf-8");
  const body = (await response.json()) as Answer;
  expect(body.RequestId).toMatch(UUID);
  expect(response.headers.get("x-acs-request-id")).toBe(body.RequestId);
  return { ...body, status: response.status };
}

const sendV1 = (
  action: string,
  parameters: Parameters,
  changes: Parameters = {},
  to: Target = target,
): Promise<Answer> => send(`/?${toQuery(signedV1(to, action, parameters, "GET", changes))}`);
const sendV3 = (options: V3Options = {}): Promise<Answer> =>
  send(`/?${toQuery(Object.entries(options.query ?? {}))}`, {
    method: "POST",
    headers: signedV3(target, options.action ?? "DescribeRegions", options),
    ...(options.body !== undefined && { body: options.body }),
  });
type V3Options = globalThis.Parameters<typeof signedV3>[2] & { action?: string };

describe("the request shapes", () => {
  test.each(SDK_CLIENTS)("the official SDK as %s", async (client) => {
    expect(await sdkCall(client, target, "DescribeRegions", {})).toMatchObject({
      RequestId: expect.stringMatching(UUID) as string,
      Regions: {
        Region: [{ RegionId: "cn-hangzhou", RegionEndpoint: new URL(target.endpoint).host, Status: "available" }],
      },
    });
  });

  test("v1, common parameters in the query and the rest in a chunked form (Terraform)", async () => {
    const all = signedV1(target, "CreateActivation", { ...REGION, Description: "a b+c é" }, "POST");
    const form = new Map(["RegionId", "Description"].map((name) => [name, all.get(name) ?? ""]));
    for (const name of form.keys()) all.delete(name);
    const body = ReadableStream.from([Buffer.from(toQuery(form).slice(0, 9)), Buffer.from(toQuery(form).slice(9))]);
    const init = {
      method: "POST",
      headers: { "content-type": "application/x-www-form-urlencoded" },
      body,
      duplex: "half",
    } as RequestInit;
    expect(await send(`/?${toQuery(all)}`, init)).toMatchObject({
      status: 200,
      ActivationId: expect.stringMatching(UUID) as string,
    });
  });

  test("v1, everything in the query of a POST with a form type and no body (aliyun CLI)", async () => {
    const query = toQuery(signedV1(target, "DescribeRegions", {}, "POST"));
    const headers = { "content-type": "application/x-www-form-urlencoded" };
    expect(await send(`/?${query}`, { method: "POST", headers })).toMatchObject({ status: 200 });
  });

  test("v3 with a form body", async () => {
    const answer = await sendV3({
      action: "DescribeActivations",
      body: "RegionId=cn-hangzhou&PageSize=1",
      headers: { "content-type": "application/x-www-form-urlencoded" },
    });
    expect(answer).toMatchObject({ status: 200, PageSize: 1 });
  });

  test.each(SDK_CLIENTS)("24 KB of content and 100 ids arrive whole (%s)", async (client) => {
    const parameters = {
      ...REGION,
      Type: "RunShellScript",
      ContentEncoding: "Base64",
      CommandContent: Buffer.alloc(18_432, 0xfb).toString("base64"),
      InstanceId: Array.from({ length: 100 }, (_, index) => `mi-${"x".repeat(20)}${index}`),
    };
    await expect(sdkCall(client, target, "RunCommand", parameters)).rejects.toMatchObject({
      code: "InvalidInstance.NotFound",
    });
    const tooLong = { ...parameters, CommandContent: Buffer.alloc(18_433, 0xfb).toString("base64") };
    await expect(sdkCall(client, target, "RunCommand", tooLong)).rejects.toMatchObject({
      code: "CmdContent.ExceedLimit",
    });
  });
});

describe("refusals", () => {
  test("what is missing or unknown, before any signature", async () => {
    expect(await send("/")).toMatchObject({
      status: 400,
      Code: "MissingParameter",
      Message: 'The input parameter "Action" that is mandatory for processing this request is not supplied.',
    });
    expect(await sendV1("Nope", {})).toMatchObject({ status: 404, Code: "InvalidAction.NotFound" });
    expect(await sendV1("DescribeRegions", {}, { Version: "2015-01-01" })).toMatchObject({
      status: 400,
      Code: "InvalidVersion",
    });
    for (const name of ["AccessKeyId", "Timestamp", "SignatureNonce", "SignatureMethod", "SignatureVersion"]) {
      expect(await sendV1("DescribeRegions", {}, { [name]: "" })).toMatchObject({
        Code: "MissingParameter",
        Message: expect.stringContaining(`"${name}"`) as string,
      });
    }
  });

  test("a wrong secret, an unknown key, a changed parameter", async () => {
    const mismatch = {
      status: 400,
      Code: "SignatureDoesNotMatch",
      Message: expect.stringContaining("server string to sign is:") as string,
    };
    expect(await sendV1("DescribeRegions", {}, {}, { ...target, accessKeySecret: "wrong" })).toMatchObject(mismatch);
    expect(await sendV1("DescribeRegions", {}, {}, { ...target, accessKeyId: "Nobody" })).toMatchObject({
      status: 404,
      Code: "InvalidAccessKeyId.NotFound",
    });
    const query = toQuery(signedV1(target, "DescribeActivations", { ...REGION, PageSize: "1" }, "GET"));
    expect(await send(`/?${query.replace("PageSize=1", "PageSize=2")}`)).toMatchObject(mismatch);
    expect(await send(`/?${query}&X=1`)).toMatchObject(mismatch);
    expect(await send(`/?${query}&PageSize=2`)).toMatchObject({ Code: "InvalidParameter.Duplicate" });
    expect(await send(`/?${query}`, { method: "POST" })).toMatchObject(mismatch);
  });

  test("a clock more than 15 minutes off, both ways; 14 minutes pass", async () => {
    for (const minutes of [-16, 16]) {
      const Timestamp = toTimestamp(Date.now() + minutes * 60_000);
      expect(await sendV1("DescribeRegions", {}, { Timestamp })).toMatchObject({
        status: 400,
        Code: "InvalidTimeStamp.Expired",
      });
      expect(await sendV3({ headers: { "x-acs-date": Timestamp } })).toMatchObject({
        status: 400,
        Code: "InvalidTimeStamp.Expired",
      });
    }
    for (const minutes of [-14, 14]) {
      expect(
        await sendV1("DescribeRegions", {}, { Timestamp: toTimestamp(Date.now() + minutes * 60_000) }),
      ).toMatchObject({ status: 200 });
    }
    expect(await sendV1("DescribeRegions", {}, { Timestamp: "2026-11-24 00:00:00" })).toMatchObject({
      Code: "InvalidTimeStamp.Format",
    });
    expect(await sendV1("DescribeRegions", {}, { Timestamp: "2026-13-24T00:00:00Z" })).toMatchObject({
      Code: "InvalidTimeStamp.Format",
    });
  });

  test("a nonce is good once, by both signatures, and only a right signature uses it up", async () => {
    const query = toQuery(signedV1(target, "DescribeRegions", {}, "GET"));
    expect(await send(`/?${query}&X=1`)).toMatchObject({ Code: "SignatureDoesNotMatch" });
    expect(await send(`/?${query}`)).toMatchObject({ status: 200 });
    expect(await send(`/?${query}`)).toMatchObject({ status: 400, Code: "SignatureNonceUsed" });
    const headers = signedV3(target, "DescribeRegions", {});
    expect(await send("/", { method: "POST", headers })).toMatchObject({ status: 200 });
    expect(await send("/", { method: "POST", headers })).toMatchObject({ status: 400, Code: "SignatureNonceUsed" });
  });

  test("tokens: a permanent key has none, bearer tokens are not spoken", async () => {
    expect(await sendV1("DescribeRegions", { SecurityToken: "t" })).toMatchObject({
      Code: "InvalidSecurityToken.MismatchWithAccessKey",
    });
    expect(
      await sendV3({ headers: { "x-acs-security-token": "t", "x-acs-accesskey-id": target.accessKeyId } }),
    ).toMatchObject({
      Code: "InvalidSecurityToken.MismatchWithAccessKey",
    });
    expect(await sendV1("DescribeRegions", { SignatureType: "" })).toMatchObject({ status: 200 });
    expect(await sendV1("DescribeRegions", { SignatureType: "BEARERTOKEN", BearerToken: "t" })).toMatchObject({
      status: 400,
      Code: "UnsupportedSignatureType",
    });
    const headers = { "x-acs-bearer-token": "t", "x-acs-action": "DescribeRegions", "x-acs-version": "2014-05-26" };
    expect(await send("/", { method: "POST", headers })).toMatchObject({
      status: 400,
      Code: "UnsupportedSignatureType",
    });
  });

  test("ACS3 must cover what tells a request from another, and its body", async () => {
    for (const name of [
      "host",
      "x-acs-action",
      "x-acs-version",
      "x-acs-date",
      "x-acs-signature-nonce",
      "x-acs-content-sha256",
    ]) {
      expect(await sendV3({ leaveUnsigned: [name] })).toMatchObject({ status: 400, Code: "IncompleteSignature" });
    }
    const headers = signedV3(target, "DescribeActivations", { body: "RegionId=cn-hangzhou" });
    expect(await send("/", { method: "POST", headers, body: "RegionId=cn-beijing1" })).toMatchObject({
      Code: "SignatureDoesNotMatch",
    });
    expect(
      await send("/", {
        method: "POST",
        headers: { ...headers, "x-acs-action": "CreateActivation" },
        body: "RegionId=cn-hangzhou",
      }),
    ).toMatchObject({
      Code: "SignatureDoesNotMatch",
    });
    expect(
      await send("/", {
        method: "POST",
        headers: { ...headers, authorization: "ACS3-HMAC-SM3 Credential=a" },
        body: "",
      }),
    ).toMatchObject({
      Code: "UnsupportedSignatureType",
    });
    expect(
      await send("/", { method: "POST", headers: { ...headers, authorization: "ACS3-HMAC-SHA256 nonsense" } }),
    ).toMatchObject({
      Code: "IncompleteSignature",
    });
  });
});

describe("every path answers the JSON error body", () => {
  test("unknown address and method, broken escape, body and header too large", async () => {
    expect(await send("/nope")).toMatchObject({
      status: 404,
      Code: "InvalidAction.NotFound",
      HostId: new URL(target.endpoint).host,
    });
    expect(await send("/", { method: "PUT" })).toMatchObject({ status: 404 });
    expect(await send("/%zz")).toMatchObject({ status: 400, Code: "Request.Malformed" });
    expect(await send("/", { method: "POST", body: "a".repeat(2_000_000) })).toMatchObject({
      status: 413,
      Code: "Request.BodyTooLarge",
    });
    expect(await send(`/?${"a".repeat(300_000)}`)).toMatchObject({ status: 431, Code: "Request.HeaderTooLarge" });
  });

  test("what is not HTTP at all, and 3 MB of header, are answered before the connection ends", async () => {
    expect(await sendRaw("nonsense\r\n\r\n")).toContain('"Code":"Request.Malformed"');
    expect(await sendRaw(`GET / HTTP/1.1\r\nX: ${"y".repeat(3_000_000)}\r\n\r\n`)).toContain(
      '"Code":"Request.HeaderTooLarge"',
    );
  });

  test("a crash tells the caller its request id and nothing else, and is logged once with it", async () => {
    onStep = () => {
      throw new Error("a secret of the inside");
    };
    const answer = await sendV1("DescribeRegions", {}).finally(() => {
      onStep = () => undefined;
    });
    expect(answer).toMatchObject({
      status: 500,
      Code: "InternalError",
      Message: "The request processing has failed due to some unknown error.",
    });
    expect(JSON.stringify(answer)).not.toContain("inside");
    const lines = logged.filter((line) => line.includes(answer.RequestId ?? "?"));
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain("a secret of the inside");
  });

  test("health needs no signature", async () => {
    const response = await fetch(`${target.endpoint}/healthz`);
    expect([response.status, await response.json()]).toEqual([200, { status: "ok" }]);
  });
});

test("a mutation's nonce is refused after a restart too", async () => {
  const query = toQuery(signedV1(target, "CreateActivation", REGION, "GET"));
  expect(await send(`/?${query}`)).toMatchObject({ status: 200 });
  await plane.close();
  await start();
  expect(await send(`/?${query}`)).toMatchObject({ status: 400, Code: "SignatureNonceUsed" });
});

test("the clock window is that of this side's clock", async () => {
  skewMs = 16 * 60_000;
  expect(await sendV1("DescribeRegions", {})).toMatchObject({ Code: "InvalidTimeStamp.Expired" });
  skewMs = 0;
});

test("neither content nor secrets nor signatures are in the log", () => {
  const log = logged.join("");
  for (const secret of [target.accessKeySecret, "Signature=", Buffer.alloc(99, 0xfb).toString("base64")])
    expect(log).not.toContain(secret);
});

/** Sends text over a bare connection and gives back everything that comes. */
function sendRaw(text: string): Promise<string> {
  const { hostname, port } = new URL(target.endpoint);
  return new Promise((resolve, reject) => {
    let got = "";
    const socket = connect(Number(port), hostname);
    socket.on("data", (data) => (got += String(data)));
    socket.on("close", () => resolve(got));
    socket.on("error", reject);
    socket.end(text);
  });
}
