import * as judge from "@cloud-assistant/agent/doctor/judge";
import { describe, expect, test } from "vitest";

const MIB = 1024 * 1024;

describe("what the doctor says", () => {
  test.each([
    [{ freeBytes: 2000 * MIB, freeFiles: 0, totalFiles: 0 }, "ok"],
    [{ freeBytes: 511 * MIB, freeFiles: 1e6, totalFiles: 1e7 }, "warning"],
    [{ freeBytes: 2000 * MIB, freeFiles: 9, totalFiles: 1e7 }, "warning"],
    [{ freeBytes: 31 * MIB, freeFiles: 1e6, totalFiles: 1e7 }, "failed"],
  ])("of the disk %j: %s", (disk, verdict) => {
    expect(judge.judgeDisk(disk).verdict).toBe(verdict);
  });

  test.each([
    [undefined, "skipped", "the server did not tell its time"],
    [-1999, "ok", "agrees with the server's"],
    [-30_000, "ok", "30 s behind the server's"],
    [61_000, "warning", "61 s ahead of the server's"],
  ])("of a clock %j ms ahead: %s", (aheadMs, verdict, found) => {
    expect(judge.judgeClock(aheadMs)).toMatchObject({ verdict, found });
  });

  test.each([
    [90, "ok", "valid for 90 days"],
    [20, "warning", "valid for 20 days"],
    [-3, "warning", "expired 3 days ago"],
  ])("of a certificate with %i days left: %s", (days, verdict, found) => {
    expect(judge.judgeCertificate(1e12 + days * 86_400_000, 1e12)).toMatchObject({ verdict, found });
  });

  test("of programs, cgroups, users and engines", () => {
    expect(judge.judgePrograms(["dd"], []).found).toBe("dd cannot be found");
    expect(judge.judgePrograms([], ["/bin/bash"]).found).toBe("sh, /bin/bash");
    expect(judge.judgeCgroup(false).verdict).toBe("warning");
    expect(judge.judgeUsers("none", "ann").found).toBe("scripts can run as ann alone");
    expect(judge.judgeUsers("su", "root").verdict).toBe("warning");
    expect(judge.judgeUsers("setpriv", "root").verdict).toBe("ok");
    expect(judge.judgeEngines([], ["docker (/run/docker.sock)"]).verdict).toBe("warning");
    expect(judge.judgeEngines(["podman (x)"], [])).toEqual({ verdict: "ok", found: "podman (x)" });
    expect(judge.judgeAgent({ pid: null, connected: false }).found).toBe("no agent runs");
    expect(judge.judgeAgent({ pid: 7, connected: false }).verdict).toBe("failed");
  });
});
