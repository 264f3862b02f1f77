import { BlockList, isIP } from "node:net";
import * as z from "zod";

/** `127.0.0.1:8080`, `[::1]:8080`, `:8080` (every address), `8080` (this machine alone). */
export const ListenAddress = z.string().transform((text, context) => {
  const match = /^(?:(?:\[([0-9A-Fa-f:.]+)\]|([^:[\]]*)):)?(\d{1,5})$/.exec(text);
  const port = Number(match?.[3]);
  if (!match || port > 65_535) {
    context.addIssue({ code: "custom", message: `"${text}" is not HOST:PORT (IPv6 as [::1]:8080)` });
    return z.NEVER;
  }
  const host = match[1] ?? match[2];
  return { host: host === undefined ? "127.0.0.1" : host === "" ? "::" : host, port };
});
export type ListenAddress = z.infer<typeof ListenAddress>;

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet("127.0.0.0", 8, "ipv4");
LOOPBACK.addAddress("::1", "ipv6");

/** Whether only this machine can reach it. A name counts only if it is `localhost`: any other may resolve to anything. */
export function isLoopback(host: string): boolean {
  const family = isIP(host);
  return family === 0 ? host === "localhost" : LOOPBACK.check(host, family === 4 ? "ipv4" : "ipv6");
}

/** What to say about listening there: nothing, a warning, or why it is refused. */
export function judgeListen(
  { host, port }: ListenAddress,
  insecure: boolean,
): { readonly refusal?: string; readonly warning?: string } {
  if (isLoopback(host)) return {};
  const address = `${host.includes(":") ? `[${host}]` : host}:${port}`;
  return insecure
    ? {
        warning: `listening on ${address} over plain HTTP: scripts, output and signed calls can be read by everyone on the way`,
      }
    : {
        refusal:
          `refusing to listen on ${address} over plain HTTP: everyone on the way could read scripts and output. ` +
          `Listen on 127.0.0.1 behind a TLS proxy or a tunnel, or pass --insecure if the network is yours alone`,
      };
}

/** A URL that reaches the bound address from this machine. */
export function endpointOf(bound: { readonly address: string; readonly port: number }): string {
  const host = bound.address === "0.0.0.0" ? "127.0.0.1" : bound.address === "::" ? "::1" : bound.address;
  return `http://${host.includes(":") ? `[${host}]` : host}:${bound.port}`;
}
