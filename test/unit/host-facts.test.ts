import { hostname } from "node:os";
import { HostFacts } from "@cloud-assistant/shared/protocol/frames";
import { fingerprintMachine, osVersion, readHostFacts } from "@cloud-assistant/agent/host-facts";
import { expect, test } from "vitest";

const files = (contents: Record<string, string>) => (path: string) => contents[path];

test("what this machine tells fits into the frame", () => {
  const facts = readHostFacts();
  expect(HostFacts.parse(facts)).toEqual(facts);
  expect(facts).toMatchObject({ hostname: hostname(), osType: "linux" });
});

test("the machine id comes from systemd, else from D-Bus", () => {
  expect(readHostFacts(files({ "/etc/machine-id": "a", "/var/lib/dbus/machine-id": "b" })).machineId).toBe("a");
  expect(readHostFacts(files({ "/var/lib/dbus/machine-id": "b" })).machineId).toBe("b");
  expect(readHostFacts(files({})).machineId).toBe("");
});

test("a copied disk on other hardware has another fingerprint, the same machine the same", () => {
  const here = fingerprintMachine("a", "4C4C4544-0042");
  expect(here).toMatch(/^[0-9a-f]{64}$/);
  expect(fingerprintMachine("a", "4c4c4544-0042")).toBe(here);
  expect(fingerprintMachine("a", "4C4C4544-0043")).not.toBe(here);
  expect(fingerprintMachine("b", "4C4C4544-0042")).not.toBe(here);
});

test("texts of a hostile host are capped", () => {
  const long = "x".repeat(10_000);
  const facts = readHostFacts(
    files({
      "/etc/machine-id": long,
      "/etc/os-release": `PRETTY_NAME="${long}"`,
      "/proc/sys/kernel/random/boot_id": long,
    }),
  );
  expect(HostFacts.safeParse(facts).success).toBe(true);
});

test("os-release is read as its manual says", () => {
  expect(osVersion('NAME="Debian"\nPRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nID=debian')).toBe(
    "Debian GNU/Linux 12 (bookworm)",
  );
  expect(osVersion("PRETTY_NAME='Arch Linux'")).toBe("Arch Linux");
  expect(osVersion("PRETTY_NAME=Plain")).toBe("Plain");
  expect(osVersion('PRETTY_NAME="a \\"quoted\\" \\$name"')).toBe('a "quoted" $name');
  expect(osVersion("ID=x")).toBe("");
});
