import { Agent, request } from "node:http";
import type { Target } from "../../support/sdk.ts";
import { signedV3, toQuery } from "../../support/signed-request.ts";

/** A POST over kept connections, as cheap for this process as Node has it. @throws {Error} for any status but 200. */
export function createPoster(endpoint: string, connections: number) {
  // idle connections are given up before the server does (5 s), or a request could meet its close
  const agent = new Agent({ keepAlive: true, maxSockets: connections, timeout: 3_000 });
  const post = (path: string, headers: Readonly<Record<string, string>>, body: string): Promise<string> =>
    new Promise((resolve, reject) => {
      const asked = request(`${endpoint}${path}`, { method: "POST", agent, headers }, (answer) => {
        const chunks: Buffer[] = [];
        answer.on("data", (chunk: Buffer) => chunks.push(chunk));
        answer.on("error", reject);
        answer.on("end", () => {
          const text = Buffer.concat(chunks).toString();
          if (answer.statusCode === 200) resolve(text);
          else reject(new Error(`${answer.statusCode} ${text}`));
        });
      });
      asked.on("error", reject);
      asked.end(body);
    });
  return { post, close: () => agent.destroy() };
}
export type Poster = ReturnType<typeof createPoster>;

/** As today's SDKs send it: ACS3, everything in the URL, no body. */
export async function callSigned(
  poster: Poster,
  target: Target,
  action: string,
  parameters: Readonly<Record<string, string>>,
): Promise<Record<string, unknown>> {
  const headers = signedV3(target, action, { query: parameters });
  return JSON.parse(await poster.post(`/?${toQuery(Object.entries(parameters))}`, headers, "")) as Record<
    string,
    unknown
  >;
}

/** Resolves with the InvokeId. */
export async function runCommand(
  poster: Poster,
  target: Target,
  script: string,
  instanceIds: readonly string[],
): Promise<string> {
  const answer = await callSigned(poster, target, "RunCommand", {
    RegionId: "cn-hangzhou",
    Type: "RunShellScript",
    CommandContent: Buffer.from(script).toString("base64"),
    ContentEncoding: "Base64",
    ...Object.fromEntries(instanceIds.map((id, index) => [`InstanceId.${index + 1}`, id])),
  });
  return String(answer["InvokeId"]);
}
