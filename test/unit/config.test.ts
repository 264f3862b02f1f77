import { ConfigError, configFacts, loadConfig } from "@cloud-assistant/control-plane/config";
import { endpointOf, isLoopback, judgeListen } from "@cloud-assistant/control-plane/listen-address";
import { describe, expect, test } from "vitest";

const none = { flags: {}, env: {}, file: undefined };

const load = (flags: Record<string, unknown>) => () =>
  loadConfig({ flags: { dataDir: "/data", ...flags }, env: {}, file: undefined });

describe("configuration of the control plane", () => {
  test("flags win over the environment, that over the file, that over the default", () => {
    const file = { resendMs: 3, regionIds: ["file"], accountId: "1" };
    const env = { CLOUD_ASSISTANT_SERVER_RESEND_MS: "2000", CLOUD_ASSISTANT_SERVER_REGION_IDS: "a, b", PATH: "/bin" };
    expect(
      loadConfig({ flags: { resendMs: 1000, listen: undefined }, env, file: { ...file, resendMs: 3000 } }),
    ).toMatchObject({
      resendMs: 1000,
      regionIds: ["a", "b"],
      accountId: "1",
      listen: { host: "127.0.0.1", port: 8080 },
    });
  });

  test("it is frozen", () => {
    const config = loadConfig(none);
    expect(Object.isFrozen(config) && Object.isFrozen(config.listen) && Object.isFrozen(config.regionIds)).toBe(true);
  });

  test("an unknown name is an error that names the nearest, and its source", () => {
    expect(() => loadConfig({ ...none, file: { dataDirectory: "/x" } })).toThrow(
      "unknown setting dataDirectory in the configuration file: did you mean dataDir?",
    );
    expect(() => loadConfig({ ...none, env: { CLOUD_ASSISTANT_SERVER_LISTN: "x" } })).toThrow("did you mean listen?");
    expect(() => loadConfig({ ...none, flags: { constructor: 1 } })).toThrow(ConfigError);
  });

  test("a value that does not fit is an error that names the setting and its source", () => {
    expect(() => loadConfig({ ...none, flags: { heartbeatMs: "often" } })).toThrow(
      /setting heartbeatMs from the command line/,
    );
    expect(() => loadConfig({ ...none, flags: { listen: "nowhere" } })).toThrow(/"nowhere" is not HOST:PORT/);
    expect(() => loadConfig({ ...none, flags: { heartbeatMs: 100, silenceMs: 100 } })).toThrow(
      /silenceMs must be longer/,
    );
    expect(() => loadConfig({ ...none, file: [] })).toThrow(/one JSON object/);
  });

  test("output is delivered below a directory or to a service that is named, else nowhere", () => {
    const outputDeliveryTargets = "oss://logs";
    expect(load({ outputDeliveryTargets })).toThrow("outputDeliveryTargets needs outputDeliveryStore");
    for (const outputDeliveryStore of ["logs", "oss://logs", "ftp://host"])
      expect(load({ outputDeliveryTargets, outputDeliveryStore })).toThrow(ConfigError);
    for (const outputDeliveryStore of ["/var/results", "http://127.0.0.1:9000", "https://s3.example"])
      expect(load({ outputDeliveryTargets, outputDeliveryStore })()).toMatchObject({
        outputDeliveryStore,
        outputDeliveryTargets: ["oss://logs"],
      });
  });

  test("every setting tells its unit, its default and the reason", () => {
    const untold = Object.entries(configFacts()).filter(
      ([, { unit, reason, default: byDefault }]) => !unit || !reason.endsWith(".") || byDefault === undefined,
    );
    expect(untold).toEqual([]);
  });
});

const listen = (text: string) => loadConfig({ ...none, flags: { listen: text } }).listen;

describe("where to listen", () => {
  test.each([
    ["127.0.0.1:0", "127.0.0.1", 0],
    ["[::1]:8080", "::1", 8080],
    ["localhost:1", "localhost", 1],
    [":8080", "::", 8080],
    ["9000", "127.0.0.1", 9000],
  ])("%s", (text, host, port) => {
    expect(listen(text)).toEqual({ host, port });
  });

  test.each(["127.0.0.1", "a:b", "::1:8080", "host:70000", ""])("%j is refused", (text) => {
    expect(() => listen(text)).toThrow(ConfigError);
  });

  test("only this machine's own addresses are loopback", () => {
    expect(["127.0.0.1", "127.9.9.9", "::1", "localhost"].filter((host) => !isLoopback(host))).toEqual([]);
    expect(["0.0.0.0", "::", "10.0.0.1", "localhost.example", "128.0.0.1", ""].filter(isLoopback)).toEqual([]);
  });

  test("an open address is refused with what to do, or warned of when it was asked for", () => {
    expect(judgeListen({ host: "127.0.0.1", port: 1 }, false)).toEqual({});
    expect(judgeListen({ host: "::", port: 1 }, false).refusal).toMatch(/\[::\]:1.*--insecure/);
    expect(judgeListen({ host: "10.0.0.1", port: 1 }, true)).toEqual({
      warning: expect.stringContaining("10.0.0.1:1"),
    });
  });

  test("the endpoint reaches the bound address from this machine", () => {
    expect(endpointOf({ address: "0.0.0.0", port: 1 })).toBe("http://127.0.0.1:1");
    expect(endpointOf({ address: "::", port: 1 })).toBe("http://[::1]:1");
    expect(endpointOf({ address: "10.0.0.1", port: 1 })).toBe("http://10.0.0.1:1");
  });
});
