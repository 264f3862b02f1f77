import { RECONNECT_BACKOFF } from "@cloud-assistant/shared/backoff";
import {
  CLOSE_CODES,
  PROTOCOL_VERSION,
  type DeregisteredPayload,
  type HelloPayload,
  type WelcomePayload,
} from "@cloud-assistant/shared/protocol/frames";
import type { Instance, StoredRun } from "../store/store.ts";
import { reconcile } from "./delivery.ts";
import { track, type Link } from "./link.ts";
import { isProof, judgeHello, readHello, type Refusal } from "./proof.ts";
import { closeSession, runName, write, type Session } from "./session.ts";

type SignedHello = { readonly payload: string; readonly signature: string };

export function challenge(session: Session): void {
  write(session, { type: "challenge", protocol: PROTOCOL_VERSION, nonce: session.nonce });
}

/** Judges the proof, tells the agent what the server wants of its runs, and takes the session into service. */
export async function answerHello(link: Link, session: Session, signed: SignedHello): Promise<void> {
  session.state = "proving";
  const hello = readHello(signed.payload);
  if ("code" in hello) return refuse(link, session, hello);
  const instance = await link.context.store.instances.find(hello.instanceId);
  if (session.state !== "proving") return; // closed meanwhile
  if (!instance && (await isDeregistered(link, session, signed, hello)))
    return dismiss(link, session, hello.instanceId);
  const refusal = judgeHello(signed, hello, session.nonce, instance);
  if (refusal) return refuse(link, session, refusal, hello, instance);
  admit(link, session, hello);
  const open = await link.context.store.runs.listOpenOf(hello.instanceId);
  await welcome(link, session, hello, open);
}

/** From here on the host counts as connected; whatever is committed for it before the welcome is out is listed again after it. */
function admit(link: Link, session: Session, hello: HelloPayload): void {
  const { instanceId, ledgerId, host } = hello;
  const { store, clock, log } = link.context;
  const older = link.byInstance.get(instanceId);
  if (older) {
    log.info(
      { instanceId, address: session.address, olderAddress: older.address },
      "connection replaced by a newer one of the same instance",
    );
    closeSession(link, older, CLOSE_CODES.replaced, "a newer connection took over");
  }
  session.state = "welcoming";
  session.nonce = "";
  session.instanceId = instanceId;
  session.ledgerId = ledgerId;
  link.byInstance.set(instanceId, session);
  link.left.delete(instanceId);
  link.proofs++;
  track(link, store.instances.saveSeen(instanceId, { host, internetIp: session.address, atMs: clock.now() }), {
    instanceId,
  });
}

async function welcome(link: Link, session: Session, hello: HelloPayload, open: readonly StoredRun[]): Promise<void> {
  const { clock, config, keys, log, store } = link.context;
  if (session.state !== "welcoming") return;
  const offsets = new Map(open.map((stored) => [runName(stored), stored.outputBytes]));
  const payload: WelcomePayload = {
    protocol: PROTOCOL_VERSION,
    instanceId: hello.instanceId,
    agentNonce: hello.agentNonce,
    serverTimeMs: clock.now(),
    heartbeatMs: config.heartbeatMs,
    silenceMs: config.silenceMs,
    resendMs: config.resendMs,
    // a fleet with a fast heartbeat also comes back fast
    backoff: {
      baseMs: Math.min(RECONNECT_BACKOFF.baseMs, config.heartbeatMs),
      capMs: Math.min(RECONNECT_BACKOFF.capMs, 3 * config.heartbeatMs),
    },
    want: hello.runs.flatMap(({ invokeId, iteration }) => {
      const offset = offsets.get(runName({ invokeId, iteration }));
      return offset === undefined ? [] : [{ invokeId, iteration, offset }];
    }),
    // all open runs were listed after the hello was written: what is not among them is over, or was never ours
    drop: hello.runs
      .filter((run) => !offsets.has(runName(run)))
      .map(({ invokeId, iteration }) => ({ invokeId, iteration })),
  };
  const text = JSON.stringify(payload);
  write(session, { type: "welcome", payload: text, signature: keys.sign("welcome", text) });
  session.state = "proven";
  const { instanceId } = hello;
  log.info({ instanceId, address: session.address, held: hello.runs.length, open: open.length }, "instance connected");
  const current = session.missed ? await store.runs.listOpenOf(instanceId) : open;
  await reconcile(link, session, current, new Set(hello.runs.map(runName)));
}

/** A run was committed as waiting for this host, which may have connected in between. */
export async function pull(link: Link, session: Session): Promise<void> {
  const open = await link.context.store.runs.listOpenOf(session.instanceId);
  const waiting = open.filter(({ run }) => run.status === "Pending" && run.sentMs === undefined);
  await reconcile(link, session, waiting, new Set());
}

/** Only the host itself is told; to anybody else an id that is gone is as one that never was. */
async function isDeregistered(
  link: Link,
  session: Session,
  signed: SignedHello,
  hello: HelloPayload,
): Promise<boolean> {
  const gone = await link.context.store.instances.findDeregistered(hello.instanceId);
  return gone !== undefined && session.state === "proving" && isProof(signed, hello, session.nonce, gone.publicKey);
}

/** The signed word lets the agent stop trying: a close code alone could be anybody's. */
export function dismiss(link: Link, session: Session, instanceId: string): void {
  const { keys, log } = link.context;
  const payload: DeregisteredPayload = { instanceId };
  const text = JSON.stringify(payload);
  write(session, { type: "deregistered", payload: text, signature: keys.sign("deregistered", text) });
  log.info({ instanceId, address: session.address }, "instance was deregistered: its agent is told");
  closeSession(link, session, CLOSE_CODES.deregistered, "this instance was deregistered");
}

export function refuse(
  link: Link,
  session: Session,
  { code, reason }: Refusal,
  hello?: HelloPayload,
  instance?: Instance,
): void {
  const { counters, context } = link;
  const fields = { address: session.address, instanceId: hello?.instanceId };
  if (code === CLOSE_CODES.cloned) {
    counters.cloned++;
    const fingerprints = { fingerprint: hello?.host.fingerprint, registeredFingerprint: instance?.host.fingerprint };
    context.log.warn({ ...fields, ...fingerprints }, "another machine has this instance's identity: refused");
  } else {
    if (code === CLOSE_CODES.badVersion) counters.badVersions++;
    else if (code === CLOSE_CODES.badFrame) counters.badFrames++;
    else counters.unproven++;
    context.log.warn({ ...fields, code, reason }, "connection refused");
  }
  closeSession(link, session, code, reason);
}
