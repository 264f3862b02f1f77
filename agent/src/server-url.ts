/** A server address that cannot be used; the message says what is wanted. */
export class ServerUrlError extends Error {
  override readonly name = "ServerUrlError";
}

/**
 * Brings a server address to the one form that is kept: `http(s)://host[:port][/path]` without a slash at the end.
 * @throws {ServerUrlError} for anything else.
 */
export function normalizeServerUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || (url.protocol !== "http:" && url.protocol !== "https:") || !url.hostname) {
    throw new ServerUrlError(`"${text}" is not a server address; give it as https://host:port or http://host:port`);
  }
  if (url.username || url.password || url.search || url.hash) {
    throw new ServerUrlError(
      `a server address holds no user, query or fragment: "${url.origin}${url.pathname}" is enough`,
    );
  }
  return `${url.origin}${url.pathname.replace(/\/+$/, "")}`;
}

/** Whether nobody between could read or change what is sent there in the clear. */
export function isLoopback(server: string): boolean {
  const { hostname } = new URL(server);
  return hostname === "localhost" || hostname === "[::1]" || /^127(?:\.\d{1,3}){3}$/.test(hostname);
}

export function isPlainHttp(server: string): boolean {
  return new URL(server).protocol === "http:";
}

/** The address of a path below the server's. */
export function httpUrl(server: string, path: string): URL {
  return new URL(`${server}${path}`);
}

/** The same for WebSocket: http → ws, https → wss. */
export function webSocketUrl(server: string, path: string): URL {
  return new URL(`${server}${path}`.replace(/^http/, "ws"));
}
