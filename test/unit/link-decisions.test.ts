import { inRange, mayRegister } from "@cloud-assistant/control-plane/domain/activation";
import type { Run } from "@cloud-assistant/control-plane/domain/run";
import { RateLimit, takeToken } from "@cloud-assistant/control-plane/link/admission";
import { createOutputBus } from "@cloud-assistant/control-plane/link/output-bus";
import { planRun } from "@cloud-assistant/control-plane/link/reconcile";
import { ServerNonces } from "@cloud-assistant/control-plane/link/server-nonces";
import type { StoredRun } from "@cloud-assistant/control-plane/store/store";
import { describe, expect, test } from "vitest";

const stored = (run: Run, rest: Partial<StoredRun> = {}): StoredRun => ({
  invokeId: "t-a",
  iteration: 1,
  instanceId: "mi-a",
  seq: 1,
  createdMs: 0,
  updatedMs: 0,
  revision: 0,
  outputBytes: 0,
  ...rest,
  run,
});

describe("what a run needs when its host connects", () => {
  const sent = { sentLedgerId: "L" };
  const taken = { sentLedgerId: "L", takenMs: 5 };
  const pending: Run = { status: "Pending", deadlineMs: 100 };
  const pendingSent: Run = { ...pending, sentMs: 1 };
  const running: Run = { status: "Running", startedMs: 2, sentMs: 1 };
  const stopping: Run = { status: "Stopping", stopMs: 3, sentMs: 1 };

  test.each([
    ["never sent, in time", stored(pending), false, "L", 99, { type: "send" }],
    ["never sent, too late", stored(pending), false, "L", 100, { type: "nothing" }],
    ["sent, not taken", stored(pendingSent, sent), false, "L", 500, { type: "send" }],
    ["sent to another ledger", stored(pendingSent, sent), false, "M", 50, { type: "lost" }],
    ["sent, held", stored(pendingSent, sent), true, "L", 50, { type: "taken" }],
    ["sent to another ledger, yet held", stored(pendingSent, sent), true, "M", 50, { type: "taken" }],
    ["running, held, its acknowledgement lost", stored(running, sent), true, "L", 50, { type: "taken" }],
    ["running, held", stored(running, taken), true, "L", 50, { type: "nothing" }],
    ["running, forgotten", stored(running, taken), false, "L", 50, { type: "ask" }],
    ["running, ledger lost", stored(running, taken), false, "M", 50, { type: "lost" }],
    ["stopping, held", stored(stopping, taken), true, "M", 50, { type: "stop", ask: false }],
    ["stopping, never taken", stored(stopping, sent), false, "L", 50, { type: "stop", ask: false }],
    ["stopping, forgotten", stored(stopping, taken), false, "L", 50, { type: "stop", ask: true }],
    ["stopping, ledger lost", stored(stopping, taken), false, "M", 50, { type: "lost" }],
    [
      "over",
      stored({ status: "Success", errorCode: "", errorInfo: "", finishedMs: 9 }, taken),
      false,
      "L",
      50,
      { type: "nothing" },
    ],
  ])("%s", (_name, run, held, ledgerId, atMs, need) => {
    expect(planRun(run, held, ledgerId, atMs)).toEqual(need);
  });
});

describe("who may use an activation", () => {
  test.each([
    ["", "192.0.2.1", true],
    ["192.0.2.1", "192.0.2.1", true],
    ["192.0.2.1", "192.0.2.2", false],
    ["10.0.0.0/8", "10.255.0.1", true],
    ["10.0.0.0/8", "::ffff:10.0.0.1", true],
    ["0.0.0.0/0", "8.8.8.8", true],
    ["fd00::/8", "fd12::1", true],
    ["fd00::/8", "fe80::1", false],
    ["10.0.0.0/33", "10.0.0.1", false],
    ["10.0.0.0/", "10.0.0.1", false],
    ["10.0.0.0/8/8", "10.0.0.1", false],
    ["lab", "10.0.0.1", false],
    ["10.0.0.0/8", "", false],
  ])("range %j, address %j: %j", (range, address, allowed) => {
    expect(inRange(range, address)).toBe(allowed);
  });

  test("not when it is disabled or over", () => {
    const activation = { createdMs: 0, timeToLiveHours: 1, disabled: false, ipAddressRange: "" };
    expect(mayRegister(activation, "10.0.0.1", 3_599_999)).toBe(true);
    expect(mayRegister(activation, "10.0.0.1", 3_600_000)).toBe(false);
    expect(mayRegister({ ...activation, disabled: true }, "10.0.0.1", 0)).toBe(false);
  });
});

describe("bounded memories", () => {
  test("a bucket lets its burst pass, then its rate", () => {
    let bucket = { tokens: 2, atMs: 0 };
    const admitted = [0, 0, 0, 99, 100, 100, 10_000, 10_000, 10_000].map((atMs) => {
      const taken = takeToken(bucket, atMs, 10, 2);
      bucket = taken.bucket;
      return taken.admitted;
    });
    expect(admitted).toEqual([true, true, false, false, true, false, true, true, false]);
  });

  test("addresses are limited one by one, and the longest unused is forgotten", () => {
    const rate = new RateLimit(1, 1, 2);
    expect(["a", "a", "b", "c", "a", "c"].map((address) => rate.admits(address, 0))).toEqual([
      true,
      false,
      true,
      true,
      true,
      false,
    ]);
  });

  test("a nonce is good once and for a minute", () => {
    let made = 0;
    const nonces = new ServerNonces(() => `n${++made}`);
    const [first, second] = [nonces.issue(0), nonces.issue(0)];
    expect([
      nonces.use(first, 59_999),
      nonces.use(first, 59_999),
      nonces.use(second, 60_000),
      nonces.use("foreign", 0),
    ]).toEqual([true, false, false, false]);
    const oldest = nonces.issue(0);
    for (let count = 0; count < 10_000; count++) nonces.issue(0);
    expect(nonces.use(oldest, 0)).toBe(false);
  });

  test("the bus wakes those who listen, until they stop", () => {
    const bus = createOutputBus();
    const woken: string[] = [];
    const stop = bus.subscribe("t-a", () => woken.push("one"));
    bus.subscribe("t-a", () => woken.push("two"));
    bus.publish("t-a");
    bus.publish("t-b");
    stop();
    stop();
    bus.publish("t-a");
    expect(woken).toEqual(["one", "two", "two"]);
  });
});
