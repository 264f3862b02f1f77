import type { AssumeRoleAnswer, GetCallerIdentityAnswer } from "@cloud-assistant/shared/api/identity";
import { STS_VERSION } from "@cloud-assistant/shared/api/versions";
import type { Io } from "../../io.ts";
import { readDocument } from "./policies.ts";
import { tell, withClient, type Flags } from "./ram.ts";

export type AssumeFlags = Flags & {
  readonly user?: string;
  readonly session: string;
  readonly minutes?: number;
  readonly policy?: string;
};

/** For whoever calls, or for a user of the account that calls. */
export async function runStsAssume(flags: AssumeFlags, io: Io): Promise<number> {
  const Policy = flags.policy === undefined ? undefined : await readDocument(flags.policy, io);
  return withClient(flags, io, STS_VERSION, async (client) => {
    const { AccountId, Arn } = await client.call<GetCallerIdentityAnswer>("GetCallerIdentity", {});
    const { Credentials } = await client.call<AssumeRoleAnswer>("AssumeRole", {
      RoleArn: flags.user === undefined ? Arn : `acs:ram::${AccountId}:user/${flags.user}`,
      RoleSessionName: flags.session,
      DurationSeconds: flags.minutes === undefined ? undefined : flags.minutes * 60,
      Policy,
    });
    const { AccessKeyId, AccessKeySecret, SecurityToken, Expiration } = Credentials;
    const json = {
      accessKeyId: AccessKeyId,
      accessKeySecret: AccessKeySecret,
      securityToken: SecurityToken,
      expiresAt: Expiration,
    };
    // as a shell reads it; none of the values has a character that it would read otherwise
    const text = [
      `# works until ${Expiration}, shown this once`,
      `export CLOUD_ASSISTANT_ENDPOINT=${client.target.endpoint}`,
      `export ALIBABA_CLOUD_ACCESS_KEY_ID=${AccessKeyId}`,
      `export ALIBABA_CLOUD_ACCESS_KEY_SECRET=${AccessKeySecret}`,
      `export ALIBABA_CLOUD_SECURITY_TOKEN=${SecurityToken}`,
      "",
    ].join("\n");
    await tell(flags, io, json, text);
  });
}
