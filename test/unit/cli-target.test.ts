import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { resolveTarget, type Environment } from "cloud-assistant/target";

let home: string;
let dataDir: string;
let env: Record<string, string>;

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "cli-target-"));
  dataDir = join(home, "data");
  mkdirSync(dataDir);
  env = { HOME: home };
});
afterEach(() => rmSync(home, { recursive: true }));

function writeProfiles(profiles: unknown, mode = 0o600): void {
  mkdirSync(join(home, ".config", "cloud-assistant"), { recursive: true });
  const path = join(home, ".config", "cloud-assistant", "profiles.json");
  writeFileSync(path, JSON.stringify(profiles));
  chmodSync(path, mode);
}
function writeDataDir(mode = 0o600): void {
  writeFileSync(
    join(dataDir, "control-plane.json"),
    JSON.stringify({ endpoint: "http://127.0.0.1:7", pid: 1, keyFingerprint: "sha256:0" }),
  );
  const path = join(dataDir, "root-access-key.json");
  writeFileSync(path, JSON.stringify({ AccessKeyId: "rootId", AccessKeySecret: "rootSecret" }));
  chmodSync(path, mode);
}
const ENVIRONMENT: Environment = {
  CLOUD_ASSISTANT_ENDPOINT: "http://env:1",
  ALIBABA_CLOUD_ACCESS_KEY_ID: "envId",
  ALIBABA_CLOUD_ACCESS_KEY_SECRET: "envSecret",
};
const PROFILE = { endpoint: "http://profile:2", accessKeyId: "profileId", accessKeySecret: "profileSecret" };

describe("where the endpoint and the access key come from", () => {
  test("flags before environment before profile", () => {
    writeDataDir();
    writeProfiles({ default: PROFILE, other: { ...PROFILE, accessKeyId: "otherId" } });
    expect(resolveTarget({ dataDir }, { ...env, ...ENVIRONMENT })).toEqual({
      endpoint: "http://127.0.0.1:7",
      regionId: "cn-hangzhou",
      accessKeyId: "rootId",
      accessKeySecret: "rootSecret",
    });
    expect(resolveTarget({ profile: "other" }, { ...env, ...ENVIRONMENT }).accessKeyId).toBe("otherId");
    expect(resolveTarget({}, { ...env, ...ENVIRONMENT })).toMatchObject({
      endpoint: "http://env:1",
      accessKeyId: "envId",
    });
    expect(resolveTarget({}, env)).toMatchObject({ endpoint: "http://profile:2", accessKeyId: "profileId" });
  });

  test("--endpoint and --region replace what was found", () => {
    const target = resolveTarget({ endpoint: "https://other:443/", region: "r-1" }, { ...env, ...ENVIRONMENT });
    expect(target).toMatchObject({ endpoint: "https://other", regionId: "r-1", accessKeyId: "envId" });
  });

  test("a session token goes with its key", () => {
    const target = resolveTarget({}, { ...env, ...ENVIRONMENT, ALIBABA_CLOUD_SECURITY_TOKEN: "token" });
    expect(target.securityToken).toBe("token");
  });

  test("another cloud's key in the environment is not sent to the profile's address", () => {
    writeProfiles({ default: PROFILE });
    const target = resolveTarget(
      {},
      { ...env, ALIBABA_CLOUD_ACCESS_KEY_ID: "cloudId", ALIBABA_CLOUD_ACCESS_KEY_SECRET: "cloudSecret" },
    );
    expect(target.accessKeyId).toBe("profileId");
  });
});

describe("what is missing is named", () => {
  test("half of an environment", () => {
    expect(() => resolveTarget({}, { ...env, CLOUD_ASSISTANT_ENDPOINT: "http://env:1" })).toThrow(
      "set ALIBABA_CLOUD_ACCESS_KEY_ID and ALIBABA_CLOUD_ACCESS_KEY_SECRET",
    );
  });
  test("nothing at all", () => {
    expect(() => resolveTarget({}, env)).toThrow(/--data-dir DIR[^]*CLOUD_ASSISTANT_ENDPOINT=[^]*profiles\.json/);
  });
  test("a profile that is not there", () => {
    writeProfiles({ default: PROFILE });
    expect(() => resolveTarget({ profile: "lab" }, env)).toThrow('no profile "lab"');
    expect(() => resolveTarget({ profile: "toString" }, env)).toThrow('no profile "toString"');
  });
  test("a data directory without a control plane", () => {
    expect(() => resolveTarget({ dataDir }, env)).toThrow("no control plane runs with this data directory");
  });
  test("a damaged profile file", () => {
    writeProfiles({ default: { endpoint: "http://profile:2" } });
    expect(() => resolveTarget({}, env)).toThrow("default.accessKeyId");
  });
  test("an endpoint that is none", () => {
    for (const endpoint of ["127.0.0.1:8080", "ftp://host", "http://host/path"]) {
      expect(() => resolveTarget({ endpoint }, { ...env, ...ENVIRONMENT })).toThrow("is not an endpoint");
    }
  });
});

test("files with secrets that others can read are refused", () => {
  writeProfiles({ default: PROFILE }, 0o640);
  expect(() => resolveTarget({}, env)).toThrow("can be read by others");
  writeDataDir(0o604);
  expect(() => resolveTarget({ dataDir }, env)).toThrow("can be read by others");
});
