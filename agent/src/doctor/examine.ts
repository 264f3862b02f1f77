import { existsSync } from "node:fs";
import type { Clock } from "@cloud-assistant/shared/clock";
import { IdentityError, requireIdentity, type Identity } from "../identity.ts";
import { agentStatus } from "../status.ts";
import { failed, ok, type Finding, type Judgement } from "./finding.ts";
import { examineCgroup, examineDisk, examineEngines, examinePrograms, examineUsers } from "./host.ts";
import { judgeAgent } from "./judge.ts";
import { examineServer } from "./server.ts";

/** Examines this host as the user that calls; findings come as they are made. It changes nothing. */
export async function* examineHost(stateDir: string, clock: Clock): AsyncGenerator<Finding> {
  const identity = readIdentity(stateDir);
  if ("verdict" in identity) yield { check: "identity", ...identity };
  else {
    yield { check: "identity", ...ok(`${identity.instanceId} of ${identity.server}`) };
    yield { check: "agent", ...(await examineAgent(stateDir)) };
    yield* await examineServer(identity, clock);
  }
  if (existsSync(stateDir)) yield { check: "disk", ...examineDisk(stateDir) };
  yield { check: "programs", ...examinePrograms() };
  yield { check: "cgroup", ...examineCgroup() };
  yield { check: "users", ...(await examineUsers()) };
  yield { check: "containers", ...(await examineEngines()) };
}

function readIdentity(stateDir: string): Identity | Judgement {
  try {
    return requireIdentity(stateDir);
  } catch (error) {
    if (error instanceof IdentityError)
      return failed(
        error.message,
        "cloud-assistant activation create, at the control plane, prints the line that registers this host",
      );
    if ((error as NodeJS.ErrnoException).code === "EACCES")
      return failed(`${stateDir} cannot be read by this user`, "run this as the agent's user");
    throw error;
  }
}

async function examineAgent(stateDir: string): Promise<Judgement> {
  try {
    return judgeAgent(await agentStatus(stateDir));
  } catch (error) {
    return failed((error as Error).message, "end it with SIGKILL and start it again; its scripts go on");
  }
}
