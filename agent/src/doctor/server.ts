import { readFileSync } from "node:fs";
import { connect } from "node:tls";
import type { Clock } from "@cloud-assistant/shared/clock";
import { withDeadline } from "../deadline.ts";
import type { Identity } from "../identity.ts";
import { fingerprintOf } from "../proof.ts";
import { askServerKey, NotAControlPlaneError } from "../server-key.ts";
import { isLoopback, isPlainHttp } from "../server-url.ts";
import { failed, ok, skipped, type Finding, type Judgement } from "./finding.ts";
import { judgeCertificate, judgeClock } from "./judge.ts";

/** For an answer of the server, milliseconds. */
const ANSWER_MS = 10_000;

/** Whether the server of this host can be reached from here and is the one it was registered with. */
export async function examineServer(identity: Identity, clock: Clock): Promise<Finding[]> {
  const ca = identity.caFile === undefined ? undefined : readFileSync(identity.caFile, "utf8");
  try {
    return await withDeadline(clock, ANSWER_MS, async (signal) => {
      const { publicKey, fingerprint, dateMs } = await askServerKey(identity.server, { ca, signal });
      const aheadMs = dateMs === undefined ? undefined : clock.now() - dateMs;
      return [
        { check: "server", ...judgeKey(identity, publicKey, fingerprint) },
        { check: "certificate", ...(await examineCertificate(identity.server, ca, clock, signal)) },
        { check: "clock", ...judgeClock(aheadMs) },
      ];
    });
  } catch (error) {
    return [{ check: "server", ...unreachable(identity.server, error) }];
  }
}

function judgeKey({ server, serverPublicKey }: Identity, publicKey: string, fingerprint: string): Judgement {
  if (publicKey === serverPublicKey) return ok(`${server} answers with the key ${fingerprint}`);
  return failed(
    `${server} has the key ${fingerprint}, but this host was registered with ${fingerprintOf(serverPublicKey)}`,
    "compare with the keyFingerprint in the server's control-plane.json; if the server was made anew, register this host anew",
  );
}

function unreachable(server: string, error: unknown): Judgement {
  const { message, code = "" } = error as NodeJS.ErrnoException;
  if (error instanceof NotAControlPlaneError)
    return failed(message, "see whether another program, or a proxy, has this address");
  if (code === "ENOTFOUND" || code === "EAI_AGAIN")
    return failed(
      `the name of ${server} is unknown here (${code})`,
      "see to the name service of this host (getent hosts NAME)",
    );
  if (code === "ECONNREFUSED")
    return failed(`nobody listens at ${server}`, "start the control plane, or see whether its address has changed");
  if (code.startsWith("ERR_TLS") || code.includes("CERT"))
    return failed(
      `the certificate of ${server} is refused (${message})`,
      "renew it, or register with the authority that signed it",
    );
  return failed(`${server} cannot be reached (${message})`, "see to the network between, its firewalls and proxies");
}

async function examineCertificate(
  server: string,
  ca: string | undefined,
  clock: Clock,
  signal: AbortSignal,
): Promise<Judgement> {
  if (isPlainHttp(server))
    return skipped(
      isLoopback(server) ? "plain HTTP on this machine" : "plain HTTP: others between can read what scripts print",
    );
  const { hostname, port } = new URL(server);
  const validTo = await new Promise<string>((resolve, reject) => {
    const socket = connect(
      { host: hostname, port: Number(port || 443), servername: hostname, ...(ca === undefined ? {} : { ca }) },
      () => {
        resolve(socket.getPeerCertificate().valid_to);
        socket.destroy();
      },
    );
    socket.on("error", reject);
    signal.addEventListener("abort", () => socket.destroy(signal.reason as Error), { once: true });
  });
  return judgeCertificate(Date.parse(validTo), clock.now());
}
