import { existsSync } from "node:fs";
import { join } from "node:path";
import { makePrivateKey, openPrivateKey, publicKeyOf } from "@cloud-assistant/agent/proof";
import { openSealed } from "@cloud-assistant/agent/sealed";
import { sealToHosts } from "@cloud-assistant/control-plane/actions/seal-to-hosts";
import type { TaskOrder } from "@cloud-assistant/shared/protocol/orders";
import { afterAll, beforeAll, expect, test } from "vitest";
import { INSTANCE_ID, makeStateDir, openHost, taskOf, type Host } from "./host.ts";

const state = makeStateDir();
const key = openPrivateKey(makePrivateKey("x25519"));
let host: Host;
beforeAll(async () => {
  host = await openHost(state.path, {
    openSecrets: (sealed, invokeId) => openSealed(key, sealed, { invokeId, instanceId: INSTANCE_ID }),
  });
});
afterAll(async () => {
  await host.engine.close();
  state.remove();
});

function sealedTask(script: string, values: Record<string, string>, sealKey = publicKeyOf(key)): TaskOrder {
  const order = taskOf(script, { enableParameter: true });
  return { ...order, sealed: sealToHosts(order.invokeId, values, [{ instanceId: INSTANCE_ID, sealKey }]) };
}

test("sealed values are filled in on the host, whatever bytes they are", async () => {
  const value = "é {{oos-secret:pw}} $(id) 'quoted'";
  const { output, end } = await host.run(sealedTask("cat <<'END'\n{{oos-secret:pw}}\nEND", { "oos-secret:pw": value }));
  expect(end).toMatchObject({ how: "exited", exitCode: 0 });
  expect(output.toString()).toBe(`${value}\n`);
});

test("what this host cannot open never runs, and says why", async () => {
  const foreign = publicKeyOf(openPrivateKey(makePrivateKey("x25519")));
  for (const order of [
    sealedTask("echo {{oos:x}}", { "oos:x": "1" }, foreign),
    sealedTask("echo {{oos:y}}", { "oos:x": "1" }),
  ]) {
    const { end, output } = await host.run(order);
    expect(end).toMatchObject({ how: "invalid", errorCode: "QueryParameterStoreFailed" });
    expect(output).toHaveLength(0);
  }
});

test("the script with the values in it is gone once the run has ended, though the server has not acknowledged it", async () => {
  host.server.acknowledgingEnds = false;
  const order = sealedTask("echo {{oos:x}}", { "oos:x": "1" });
  await host.run(order);
  const directory = join(state.path, "runs", `${order.invokeId}.1`);
  expect([existsSync(join(directory, "task.json")), existsSync(join(directory, "script"))]).toEqual([true, false]);
  host.server.acknowledgingEnds = true;
});
