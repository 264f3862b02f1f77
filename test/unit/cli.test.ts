import { describe, expect, test } from "vitest";
import { exitCodeOf, exitCodeOfAll } from "cloud-assistant/exit-code";
import { collectPair, wholeNumber } from "cloud-assistant/options";
import { signCall, toForm } from "cloud-assistant/signature";
import { readForm } from "@cloud-assistant/control-plane/http/percent-encoding";
import { readAuthorization, sha256Hex, signV3, stringToSignV3 } from "@cloud-assistant/control-plane/http/signature-v3";
import { RUN_STATUSES } from "@cloud-assistant/shared/vocabulary";

describe("exit codes", () => {
  test("one host: the script's own, and one for each other end", () => {
    expect(exitCodeOf({ status: "Success", exitCode: 0 })).toBe(0);
    expect(exitCodeOf({ status: "Failed", exitCode: 7 })).toBe(7);
    expect(exitCodeOf({ status: "Failed", exitCode: 137 })).toBe(137);
    expect(exitCodeOf({ status: "Timeout" })).toBe(124);
    expect(exitCodeOf({ status: "Terminated" })).toBe(143);
    for (const status of ["Aborted", "Cancelled", "Invalid"] as const) expect(exitCodeOf({ status })).toBe(126);
    expect(exitCodeOf({ status: "Error" })).toBe(125);
  });

  test("only Success is 0, whatever exit code stands beside another status", () => {
    const zeros = RUN_STATUSES.filter((status) => exitCodeOf({ status, exitCode: 0 }) === 0);
    expect(zeros).toEqual(["Success"]);
  });

  test("several hosts: 0 only if all succeeded", () => {
    const [good, failed, late] = [
      { status: "Success" },
      { status: "Failed", exitCode: 3 },
      { status: "Timeout" },
    ] as const;
    expect(exitCodeOfAll([good, good])).toBe(0);
    expect(exitCodeOfAll([good, failed, failed])).toBe(3);
    expect(exitCodeOfAll([good, failed, late])).toBe(1);
  });
});

describe("option values", () => {
  test("pairs keep everything after the first =, and are given once", () => {
    expect(collectPair("a=b=c", { x: "1" })).toEqual({ x: "1", a: "b=c" });
    expect(collectPair("a=")).toEqual({ a: "" });
    expect(Object.keys(collectPair("__proto__=x"))).toEqual(["__proto__"]);
    expect(() => collectPair("a")).toThrow("KEY=VALUE");
    expect(() => collectPair("=b")).toThrow("KEY=VALUE");
    expect(() => collectPair("a=2", { a: "1" })).toThrow("given before");
  });

  test("numbers are whole and within bounds", () => {
    expect(wholeNumber(1, 9)("9")).toBe(9);
    for (const text of ["0", "10", "1.5", "1e1", "-1", "", " 1", "0x1"])
      expect(() => wholeNumber(1, 9)(text)).toThrow("1 to 9");
  });
});

describe("the ACS3 signature", () => {
  const body = toForm({
    RegionId: "cn-hangzhou",
    CommandContent: "echo 'a b' *~!()+=&%",
    "InstanceId.1": "mi-1",
    Name: "é漢",
  });
  const signed = signCall(
    { accessKeyId: "id", accessKeySecret: "secret", securityToken: "token" },
    { host: "127.0.0.1:8080", action: "RunCommand", version: "2014-05-26", body },
    { nonce: "n1", atMs: 1_764_000_000_000 },
  );

  test("is the one the control plane computes", () => {
    const authorization = readAuthorization(signed["authorization"] ?? "");
    const text = stringToSignV3({
      method: "POST",
      query: new Map(),
      headers: Object.fromEntries(Object.entries(signed).map(([name, value]) => [name, [value]])),
      signedHeaders: authorization?.signedHeaders ?? [],
      bodyHash: sha256Hex(body),
    });
    expect(signV3("secret", text)).toBe(authorization?.signature);
    expect(authorization?.signedHeaders).toContain("x-acs-security-token");
    expect(signed["x-acs-date"]).toBe("2025-11-24T16:00:00Z");
    expect(Object.values(signed)).not.toContain("secret");
  });

  test("is over a form that is read back as it was", () => {
    expect(Object.fromEntries(readForm(body))).toEqual({
      RegionId: "cn-hangzhou",
      CommandContent: "echo 'a b' *~!()+=&%",
      "InstanceId.1": "mi-1",
      Name: "é漢",
    });
  });
});
