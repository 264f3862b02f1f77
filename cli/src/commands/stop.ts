import { Client } from "../client.ts";
import { write, writeJson, type Io } from "../io.ts";
import { resolveTarget, type TargetFlags } from "../target.ts";

/** What StopInvocation takes at once. */
const MOST_INSTANCES = 50;

export async function runStop(
  invokeId: string,
  flags: TargetFlags & { instance?: string[]; json?: boolean },
  io: Io,
): Promise<number> {
  const client = new Client(resolveTarget(flags, io.env));
  const instanceIds = [...new Set(flags.instance)];
  let at = 0;
  do {
    // asked twice it stops the same, so it may be repeated
    await client.callRepeatably("StopInvocation", {
      InvokeId: invokeId,
      InstanceId: instanceIds.slice(at, at + MOST_INSTANCES),
    });
    at += MOST_INSTANCES;
  } while (at < instanceIds.length);
  client.close();
  if (flags.json) await writeJson(io, { invokeId, instanceIds, stopAsked: true });
  else
    await write(
      io.stdout,
      `${invokeId} is being stopped; its hosts say when it has ended: cloud-assistant logs ${invokeId} --follow\n`,
    );
  return 0;
}
