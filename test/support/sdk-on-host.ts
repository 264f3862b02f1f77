import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { Host } from "./hosts.ts";
import type { SdkAnswer, SdkRequest } from "./sdk-program.ts";
import type { SdkClient, Target } from "./sdk.ts";

const PROGRAM = fileURLToPath(new URL("sdk-program.ts", import.meta.url));

/** The official SDKs in a process on a host, for addresses that only its network has. */
export type HostSdk = {
  /** One call after the other. @throws {Error} with the code of the answer as its `code`. */
  call: (
    client: SdkClient,
    target: Target,
    action: string,
    parameters: Record<string, unknown>,
  ) => Promise<Record<string, unknown>>;
  /** Resolves when the process is gone. */
  close: () => Promise<void>;
};

export function startSdk(host: Host): HostSdk {
  const child = host.spawn(process.execPath, [PROGRAM], { stdio: ["pipe", "pipe", "inherit"] });
  const { stdin, stdout } = child;
  if (!stdin || !stdout) throw new Error(`the SDKs did not start on ${host.name}`);
  const exited = once(child, "exit");
  const answers = createInterface({ input: stdout })[Symbol.asyncIterator]();
  return {
    call: async (client, target, action, parameters) => {
      stdin.write(`${JSON.stringify({ client, target, action, parameters } satisfies SdkRequest)}\n`);
      const { value, done } = await answers.next();
      if (done) throw new Error(`the SDKs ended on ${host.name}`);
      const answer = JSON.parse(value) as SdkAnswer;
      if ("error" in answer)
        throw Object.assign(new Error(`${action}: ${answer.error.message}`), { code: answer.error.code });
      return answer.answer;
    },
    close: async () => {
      stdin.end();
      await exited;
    },
  };
}
