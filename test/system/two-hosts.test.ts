import { createHash } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { COMMAND_CONTENT_MAX_BASE64_BYTES } from "@cloud-assistant/shared/limits";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startCliStack, type CliStack } from "../support/cli-stack.ts";
import { hostsUnavailable, makeHosts, type Host, type Hosts } from "../support/hosts.ts";
import { startSdk, type HostSdk } from "../support/sdk-on-host.ts";
import { waitFor } from "../support/wait-for.ts";

type Json = Record<string, any>; // oxlint-disable-line typescript/no-explicit-any -- an answer as the wire has it

/** What each host prints, by its name, so that bytes of one cannot pass for the other's. Four-byte characters behind six bytes: both cuts of 5 MB fall into one. */
const PRINTED: Record<string, (hostname: string) => Buffer> = {
  "UTF-8": (hostname) => Buffer.from(`${hostname}: aé漢🎉\n`),
  "a NUL byte": (hostname) => Buffer.from(`${hostname}\0after`),
  "0 bytes": () => Buffer.alloc(0),
  "24 KB": (hostname) => Buffer.from(hostname.padEnd(24 * 1024, ".")),
  "5 MB": (hostname) => Buffer.from(`${hostname}\n${"🎉".repeat(1_250_000)}!`),
};
const CLIENTS = ["v3", "pop-get", "pop-post"] as const;

const unavailable = hostsUnavailable();
if (unavailable !== undefined) console.log(`two hosts: skipped, ${unavailable}`);

describe.skipIf(unavailable !== undefined)("two hosts with networks and names of their own", () => {
  let network: Hosts;
  let stack: CliStack;
  let sdk: HostSdk;
  let agentHosts: readonly Host[];
  beforeAll(async () => {
    network = makeHosts(3);
    agentHosts = network.hosts.slice(1);
    stack = await startCliStack(2, network);
    sdk = startSdk(network.hosts[0] as Host);
  });
  afterAll(async () => {
    await sdk?.close();
    await stack?.close();
    network?.remove();
  });

  const call = async (client: (typeof CLIENTS)[number], action: string, parameters: Json): Promise<Json> =>
    sdk.call(client, stack.target, action, { RegionId: "cn-hangzhou", ...parameters });
  const idsOf = (): string[] => stack.agents.map(({ instanceId }) => instanceId);

  for (const client of CLIENTS) {
    for (const [what, printedOn] of Object.entries(PRINTED)) {
      test(`${client}: ${what} come back as printed`, async () => {
        const file = join(stack.directory, what.replaceAll(" ", "-"));
        for (const { name } of agentHosts) writeFileSync(`${file}.${name}`, printedOn(name));
        const script = `cat '${file}'."$(hostname)"; exit "$(hostname | tr -dc 0-9)"`;
        const content = what === "24 KB" ? padToLimit(script) : script;
        const { InvokeId } = await call(client, "RunCommand", {
          Type: "RunShellScript",
          InstanceId: idsOf(),
          CommandContent: Buffer.from(content).toString("base64"),
          ContentEncoding: "Base64",
        });

        const results = await waitFor(
          async () => {
            const { Invocation } = await call(client, "DescribeInvocationResults", { InvokeId });
            const found = Invocation.InvocationResults.InvocationResult as Json[];
            return found.length === 2 && found.every((result) => result["InvocationStatus"] === "Failed")
              ? found
              : undefined;
          },
          { withinMs: 60_000, what: `both hosts to have ended ${String(InvokeId)}` },
        );
        for (const [index, { name }] of agentHosts.entries()) {
          const [instanceId, printed] = [idsOf()[index] ?? "", printedOn(name)];
          const result = results.find((one) => one["InstanceId"] === instanceId);
          const shown = shownOf(printed);
          expect({
            dropped: result?.["Dropped"],
            exitCode: result?.["ExitCode"],
            sha256: sha256(Buffer.from(result?.["Output"], "base64")),
          }).toEqual({
            dropped: printed.length - shown.length,
            exitCode: index + 2,
            sha256: sha256(shown),
          });
          if (client !== "v3") continue; // it is the same log, however it was ordered
          const { exitCode: ended, stdout } = await stack.cli([
            "logs",
            String(InvokeId),
            "--instance",
            instanceId,
            "--raw",
          ]);
          expect({ ended, bytes: stdout.length, sha256: sha256(stdout) }).toEqual({
            ended: 0,
            bytes: printed.length,
            sha256: sha256(printed),
          });
        }
      });
    }

    test(`${client}: each host is described with its own name and address`, async () => {
      const managed = await call(client, "DescribeManagedInstances", { InstanceId: idsOf() });
      const instances = await call(client, "DescribeInstances", { InstanceIds: JSON.stringify(idsOf()) });
      const told = idsOf().map((instanceId) => {
        const isIt = (one: Json): boolean => one["InstanceId"] === instanceId;
        const instance = (instances["Instances"].Instance as Json[]).find(isIt);
        const one = (managed["Instances"] as Json[]).find(isIt);
        return {
          managed: [one?.["Hostname"], one?.["IntranetIp"], one?.["InternetIp"], one?.["Connected"]],
          described: [
            instance?.["HostName"],
            instance?.["VpcAttributes"].PrivateIpAddress.IpAddress,
            instance?.["Status"],
          ],
        };
      });
      expect(told).toEqual(
        agentHosts.map(({ name, address }) => ({
          managed: [name, address, address, true],
          described: [name, [address], "Running"],
        })),
      );
    });
  }
});

/** The first 6000 and the last 18576 bytes without the characters that are cut; all, if there is no more. */
function shownOf(printed: Buffer): Buffer {
  if (printed.length <= 24_576) return printed;
  const inCharacter = (at: number): boolean => ((printed[at] ?? 0) & 0xc0) === 0x80;
  let [headEnd, tailStart] = [6_000, printed.length - 18_576];
  while (inCharacter(headEnd)) headEnd--;
  while (inCharacter(tailStart)) tailStart++;
  return Buffer.concat([printed.subarray(0, headEnd), printed.subarray(tailStart)]);
}

/** As long as content may be, which makes the longest URL an SDK sends. */
function padToLimit(script: string): string {
  return `${script} #`.padEnd((COMMAND_CONTENT_MAX_BASE64_BYTES / 4) * 3, "#");
}

function sha256(bytes: Buffer): string {
  return createHash("sha256").update(bytes).digest("hex");
}
