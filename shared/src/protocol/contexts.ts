/**
 * What a signature is about. Every signature of the link is over `signedText(context, payload)`, so that bytes signed for
 * one purpose can never be replayed for another.
 */
export const SIGNING_CONTEXTS = {
  hello: "cloud-assistant hello 1",
  welcome: "cloud-assistant welcome 1",
  deregistered: "cloud-assistant deregistered 1",
  order: "cloud-assistant order 1",
  serverKey: "cloud-assistant server-key 1",
  registered: "cloud-assistant registered 1",
} as const;
export type SigningContext = keyof typeof SIGNING_CONTEXTS;

export function signedText(context: SigningContext, payload: string): string {
  return `${SIGNING_CONTEXTS[context]}\n${payload}`;
}
