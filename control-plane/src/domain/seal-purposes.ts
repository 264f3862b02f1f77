/** What a sealed secret is for: bound into the seal, so that one row's secret cannot be moved into another row. */
export function accessKeyPurpose(accessKeyId: string): string {
  return `access-key ${accessKeyId}`;
}

export function clientTokenPurpose({
  accountId,
  action,
  token,
}: {
  accountId: string;
  action: string;
  token: string;
}): string {
  return `client-token ${accountId} ${action} ${token}`;
}

export function parameterPurpose(parameterId: string): string {
  return `parameter ${parameterId}`;
}

export function activationCodePurpose(activationId: string): string {
  return `activation-code ${activationId}`;
}

export const SECURITY_TOKEN_PURPOSE = "security-token";
