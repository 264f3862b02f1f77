import { describe, expect, test } from "vitest";
import { runCli } from "../support/cli.ts";

const preview = (...args: string[]) => runCli(["schedule", "preview", ...args], { env: { TZ: "Asia/Tokyo" } });

describe("schedule preview", () => {
  test("shows the next runs in three clocks and warns on standard error", async () => {
    const { exitCode, stdout, stderr } = await preview(
      "0 30 2 * * ? America/New_York",
      "--from",
      "2027-03-13",
      "--count",
      "2",
    );
    expect(stdout.toString()).toBe(
      `local is America/New_York, here is Asia/Tokyo
LOCAL                      UTC                   HERE                       NOTE
2027-03-13T02:30:00-05:00  2027-03-13T07:30:00Z  2027-03-13T16:30:00+09:00
2027-03-14T03:00:00-04:00  2027-03-14T07:00:00Z  2027-03-14T16:00:00+09:00  the clock skips from 2027-03-14T02:00:00 to 03:00:00: 02:30:00 runs once, at 03:00:00
`,
    );
    expect(stderr).toContain(
      "warning: the clock skips from 2027-03-14T02:00:00 to 03:00:00: 02:30:00 runs once, at 03:00:00\n",
    );
    expect(exitCode).toBe(0);
  });

  test("--json is one array; a schedule without a zone has the host's, which is this machine's unless --zone tells", async () => {
    const { exitCode, stdout, stderr } = await preview(
      "0 0 9 * * ?",
      "--from",
      "2027-01-01T00:00:00Z",
      "--count",
      "1",
      "--json",
    );
    expect(JSON.parse(stdout.toString())).toEqual([
      { at: "2027-01-02T00:00:00Z", local: "2027-01-02T09:00:00+09:00", note: "" },
    ]);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
    const berlin = await preview(
      "0 0 9 * * ?",
      "--zone",
      "Europe/Berlin",
      "--from",
      "2027-01-01T09:00",
      "--count",
      "1",
      "--json",
    );
    expect(JSON.parse(berlin.stdout.toString())).toEqual([
      { at: "2027-01-02T08:00:00Z", local: "2027-01-02T09:00:00+01:00", note: "" },
    ]);
  });

  test("- reads many, one a line, and answers each with a line", async () => {
    const input =
      "0 0 9 ? * 1-5\t2027-01-01T00:00:00Z\nrate(7d)\t2027-01-01T00:00:00Z\n0 61 * * * ?\n0 0\t0 30 2 ?\n\n";
    const { exitCode, stdout } = await runCli(["schedule", "preview", "-", "--count", "2", "--zone", "Asia/Shanghai"], {
      input,
    });
    const lines = stdout.toString().trimEnd().split("\n");
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([
      [
        expect.objectContaining({ at: "2027-01-01T01:00:00Z" }),
        expect.objectContaining({ at: "2027-01-04T01:00:00Z" }),
      ],
      [
        expect.objectContaining({ at: "2027-01-08T00:00:00Z" }),
        expect.objectContaining({ at: "2027-01-15T00:00:00Z" }),
      ],
      { error: { code: "BadCronExpression", position: 3, reason: 'the minute "61" is not within 0 to 59' } },
      [],
    ]);
    expect(exitCode).toBe(1);
  });

  test("what it cannot read it refuses, with the code and the place", async () => {
    expect(await preview("0 0 24 * * ?")).toMatchObject({
      exitCode: 1,
      stderr: 'cloud-assistant: BadCronExpression at character 5: the hour "24" is not within 0 to 23.\n',
    });
    expect(await preview("rate(5m)", "--from", "tomorrow")).toMatchObject({
      exitCode: 125,
      stderr: expect.stringContaining("ISO 8601"),
    });
    expect(await preview("rate(5m)", "--zone", "Nowhere")).toMatchObject({
      exitCode: 125,
      stderr: expect.stringContaining("Nowhere"),
    });
  });
});
