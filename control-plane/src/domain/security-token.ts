import { SECURITY_TOKEN_PURPOSE } from "./seal-purposes.ts";

type Seals = {
  readonly seal: (purpose: string, plain: string) => Uint8Array;
  readonly unseal: (purpose: string, sealed: Uint8Array) => string;
};

/** The SecurityToken of a temporary key: only this side can make one or read whose it is. */
export function makeSecurityToken({ seal }: Pick<Seals, "seal">, accessKeyId: string): string {
  return Buffer.from(seal(SECURITY_TOKEN_PURPOSE, accessKeyId)).toString("base64");
}

/** @returns the access key id the token was made for, undefined when it is none of ours. */
export function readSecurityToken({ unseal }: Pick<Seals, "unseal">, token: string): string | undefined {
  const sealed = Buffer.from(token, "base64");
  if (sealed.toString("base64") !== token) return undefined;
  try {
    return unseal(SECURITY_TOKEN_PURPOSE, sealed);
  } catch {
    return undefined; // sealed by somebody else, or for something else
  }
}
