import { interpreterOf } from "@cloud-assistant/agent/launch/interpreter";
import { parseStat } from "@cloud-assistant/agent/launch/procfs";
import { parseStatus } from "@cloud-assistant/agent/status-file";
import { expect, test } from "vitest";

const AFTER_NAME = "S 7 8 9 0 -1 4194304 95 0 0 0 0 0 0 0 20 0 1 0 123456 2744320 0";

test.for(["sh", "a b", "x) S 1 (y", "\n"])("a stat line is read whatever the name: %j", (name) => {
  expect(parseStat(`42 (${name}) ${AFTER_NAME}`)).toEqual({
    pid: 42,
    startTicks: 123_456,
    parent: 7,
    group: 8,
    session: 9,
    zombie: false,
  });
});

test("a stat line that is none is no process", () => {
  expect(parseStat("")).toBeUndefined();
  expect(parseStat("42 (sh) S 7")).toBeUndefined();
});

test("a line of the status counts once it is complete", () => {
  expect(parseStatus("accepted\n")).toEqual({});
  expect(parseStatus("accepted\nwriter 3 30\nclaimed 1 10\npid 2 20 -\nexit 1")).toEqual({
    writer: { pid: 3, startTicks: 30 },
    supervisor: { pid: 1, startTicks: 10 },
    script: { pid: 2, startTicks: 20 },
  });
  expect(parseStatus("pid 2 20 /sys/fs/c group/run\nexit 0\ndrained 5000\n")).toEqual({
    script: { pid: 2, startTicks: 20, cgroup: "/sys/fs/c group/run" },
    exitCode: 0,
    drainedBytes: 5000,
  });
});

test.for([
  ["echo hi", "/bin/sh", ""],
  ["#!/bin/bash\necho", "/bin/bash", ""],
  ["#! /usr/bin/env  python3 -u \necho", "/usr/bin/env", "python3 -u"],
  ["#!/bin/bash\r\necho", "/bin/bash", ""],
  ["#!bash\necho", "/bin/sh", ""],
  ["#!", "/bin/sh", ""],
] as const)("%j is run by %s %s", ([script, program, argument]) => {
  expect(interpreterOf(Buffer.from(script))).toEqual({ program, argument });
});
