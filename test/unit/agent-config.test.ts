import { ConfigSchema, loadConfig } from "@cloud-assistant/agent/config";
import { expect, test } from "vitest";

const NONE = { flags: {}, env: {}, file: undefined };

test("flags go before environment, environment before file, file before defaults", () => {
  const file = { graceMs: 1, spoolMaxBytes: 100_000, stateDir: "/file" };
  const env = { CLOUD_ASSISTANT_AGENT_GRACE_MS: "2", CLOUD_ASSISTANT_AGENT_STATE_DIR: "/env", PATH: "/bin" };
  const config = loadConfig({ flags: { stateDir: "/flag", graceMs: undefined }, env, file });
  expect(config).toEqual({ stateDir: "/flag", graceMs: 2, spoolMaxBytes: 100_000, logLevel: "info" });
  expect(Object.isFrozen(config)).toBe(true);
});

test("what is unknown or does not fit says where it stands and what is wanted", () => {
  expect(() => loadConfig({ ...NONE, file: { grace: 1 } })).toThrow(
    /unknown setting grace in the configuration file; there are stateDir, graceMs/,
  );
  expect(() => loadConfig({ ...NONE, env: { CLOUD_ASSISTANT_AGENT_X: "1" } })).toThrow(
    /unknown setting x in the environment/,
  );
  expect(() => loadConfig({ ...NONE, flags: { stateDir: "relative" } })).toThrow(
    /stateDir in the command line is not right: wanted: an absolute path/,
  );
  expect(() => loadConfig({ ...NONE, env: { CLOUD_ASSISTANT_AGENT_GRACE_MS: "soon" } })).toThrow(
    /graceMs in the environment/,
  );
  expect(() => loadConfig({ ...NONE, file: [] })).toThrow(/not a JSON object/);
});

test("every setting has a unit, a default and a reason", () => {
  for (const schema of Object.values(ConfigSchema.shape))
    expect(schema.meta()).toMatchObject({
      unit: expect.any(String),
      default: expect.anything(),
      reason: expect.any(String),
    });
});
