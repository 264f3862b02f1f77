import { readFileSync } from "node:fs";
import type { Clock } from "@cloud-assistant/shared/clock";
import type { HostFacts } from "@cloud-assistant/shared/protocol/frames";
import {
  REGISTER_PATH,
  RegisterAnswer,
  RegisterAnswerPayload,
  RegisterPayload,
} from "@cloud-assistant/shared/protocol/registration";
import * as z from "zod";
import { readHostFacts } from "./host-facts.ts";
import { identityFile, makeStateDir, readIdentity, writeIdentity, type PendingIdentity } from "./identity.ts";
import { parseJson } from "./parse-json.ts";
import { postJson, type HttpAnswer } from "./post-json.ts";
import {
  isSignedBy,
  makePrivateKey,
  openEd25519PublicKey,
  openPrivateKey,
  proveActivationCode,
  publicKeyOf,
} from "./proof.ts";
import { withDeadline } from "./deadline.ts";
import { askServerKey, NotAControlPlaneError, type ServerKey } from "./server-key.ts";
import { httpUrl, isLoopback, isPlainHttp, normalizeServerUrl } from "./server-url.ts";

/** A registration that did not happen; the message says what to do. */
export class RegistrationError extends Error {
  override readonly name = "RegistrationError";
}

export type Registration = {
  readonly server: string;
  readonly activationId: string;
  /** Secret: it leaves this process only as the key of a proof. */
  readonly activationCode: string;
  /** `sha256:…` as the server printed it; without it, only loopback and HTTPS addresses are accepted. */
  readonly serverKey?: string | undefined;
  readonly instanceName?: string | undefined;
  readonly tags?: readonly { readonly key: string; readonly value: string }[];
  readonly stateDir: string;
  readonly caFile?: string | undefined;
  readonly clock: Clock;
  readonly host?: HostFacts;
};

/** Both requests together, milliseconds. */
const REGISTRATION_DEADLINE_MS = 30_000;

/** Turns an activation into this host's identity. Asked again after a lost answer, it gets the same instance. */
export async function registerAgent(registration: Registration): Promise<{ instanceId: string }> {
  const server = normalizeServerUrl(registration.server);
  refuseUnchecked(server, registration.serverKey);
  const stored = readIdentity(registration.stateDir);
  if (stored?.status === "complete") {
    const file = identityFile(registration.stateDir);
    throw new RegistrationError(
      `this host is ${stored.instanceId} of ${stored.server} already; to start over, stop the agent, move ${file} away and register again`,
    );
  }
  checkInput(registration);
  makeStateDir(registration.stateDir);
  const ca = registration.caFile === undefined ? undefined : readFileSync(registration.caFile, "utf8");
  return withDeadline(registration.clock, REGISTRATION_DEADLINE_MS, async (signal) => {
    const key = await reach(server, () => askServerKey(server, { ca, signal }));
    comparePin(server, key, registration.serverKey);
    const pending = prepareIdentity(registration, server, key, stored?.status === "pending" ? stored : undefined);
    const payload = JSON.stringify(registerPayload(registration, pending, key));
    const proof = proveActivationCode(registration.activationCode, payload);
    const answer = await reach(server, () =>
      postJson(httpUrl(server, REGISTER_PATH), { payload, proof }, { ca, signal }),
    );
    const instanceId = readAnswer(server, answer, pending, key);
    writeIdentity(registration.stateDir, { ...pending, status: "complete", instanceId });
    return { instanceId };
  });
}

function refuseUnchecked(server: string, serverKey: string | undefined): void {
  if (serverKey !== undefined || !isPlainHttp(server) || isLoopback(server)) return;
  throw new RegistrationError(
    `${server} is plain HTTP on another machine: anybody between could pose as it. Give its fingerprint with --server-key sha256:… ` +
      "(the server prints it at its start and in the register line of `activation create`)",
  );
}

const Input = RegisterPayload.pick({ activationId: true, instanceName: true, tags: true }).extend({
  activationCode: z.string().min(1).max(256),
  serverKey: z
    .string()
    .regex(/^sha256:[0-9a-fA-F]{64}$/, "wanted: sha256: and 64 hex digits")
    .optional(),
});

function checkInput({ activationId, activationCode, serverKey, instanceName, tags = [] }: Registration): void {
  const checked = Input.safeParse({ activationId, activationCode, serverKey, instanceName, tags });
  const issue = checked.error?.issues[0];
  if (issue) throw new RegistrationError(`the registration's ${issue.path.join(".")} is not right: ${issue.message}`);
}

function comparePin(server: string, { fingerprint }: ServerKey, wanted: string | undefined): void {
  if (wanted === undefined || wanted.toLowerCase() === fingerprint) return;
  throw new RegistrationError(
    `${server} has the key ${fingerprint}, not ${wanted.toLowerCase()}: either the fingerprint was copied from another server or somebody ` +
      "poses as it. Nothing was sent. Compare with the keyFingerprint in the server's control-plane.json",
  );
}

/** The keys of an unfinished registration of the same activation at the same server are used again; else new ones are made. */
function prepareIdentity(
  { activationId, caFile, stateDir }: Registration,
  server: string,
  { publicKey }: ServerKey,
  stored: PendingIdentity | undefined,
): PendingIdentity {
  const again = stored?.activationId === activationId && stored.serverPublicKey === publicKey ? stored : undefined;
  const pending: PendingIdentity = {
    status: "pending",
    version: 1,
    server,
    serverPublicKey: publicKey,
    ...(caFile === undefined ? {} : { caFile }),
    activationId,
    proofKey: again?.proofKey ?? makePrivateKey("ed25519"),
    sealKey: again?.sealKey ?? makePrivateKey("x25519"),
  };
  writeIdentity(stateDir, pending);
  return pending;
}

function registerPayload(
  { instanceName, tags = [], host }: Registration,
  pending: PendingIdentity,
  key: ServerKey,
): RegisterPayload {
  return {
    serverNonce: key.serverNonce,
    activationId: pending.activationId,
    publicKey: publicKeyOf(openPrivateKey(pending.proofKey)),
    sealKey: publicKeyOf(openPrivateKey(pending.sealKey)),
    host: host ?? readHostFacts(),
    ...(instanceName === undefined ? {} : { instanceName }),
    tags: [...tags],
  };
}

const Refusal = z.object({ Code: z.string().max(128), Message: z.string().max(1024) });

function readAnswer(server: string, { status, body }: HttpAnswer, pending: PendingIdentity, key: ServerKey): string {
  const refusal = Refusal.safeParse(body);
  if (status !== 200 && refusal.success) {
    throw new RegistrationError(
      `${server} refused the registration (${refusal.data.Code}: ${refusal.data.Message}). Is the activation expired, used up or disabled, ` +
        "the code mistyped, or this host outside its address range? `cloud-assistant activation create` makes a new one",
    );
  }
  const answer = RegisterAnswer.safeParse(body);
  if (status !== 200 || !answer.success)
    throw new RegistrationError(
      `${server} answered ${status}, not as a control plane does; run the same command again`,
    );
  if (!isSignedBy(openEd25519PublicKey(key.publicKey), "registered", answer.data.payload, answer.data.signature)) {
    throw new RegistrationError(
      `the answer of ${server} is not signed by the key it showed: somebody is between. Nothing was registered here`,
    );
  }
  const payload = RegisterAnswerPayload.safeParse(parseJson(answer.data.payload));
  const ours = publicKeyOf(openPrivateKey(pending.proofKey));
  if (!payload.success || payload.data.publicKey !== ours || payload.data.serverNonce !== key.serverNonce) {
    throw new RegistrationError(`the answer of ${server} is to another registration; run the same command again`);
  }
  return payload.data.instanceId;
}

async function reach<T>(server: string, ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof NotAControlPlaneError)
      throw new RegistrationError(`${error.message}; check the address`, { cause: error });
    const why = error instanceof Error ? error.message : String(error);
    throw new RegistrationError(
      `${server} cannot be reached (${why}); check the address and run the same command again`,
      { cause: error },
    );
  }
}
