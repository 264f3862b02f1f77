import { join } from "node:path";
import * as z from "zod";
import type { Context } from "./context.ts";
import { accessKeyPurpose } from "./domain/seal-purposes.ts";
import { createPrivateFile, readPrivateFile } from "./private-file.ts";

export const ROOT_ACCESS_KEY_FILE = "root-access-key.json";

const RootAccessKey = z.object({ AccessKeyId: z.string().min(1), AccessKeySecret: z.string().min(1) });

/** At the first start, before there is a database: so that whatever crashes, no database is without its root access key. */
export function createRootAccessKeyFile(dataDir: string, { ids }: Pick<Context, "ids">): void {
  const key = { AccessKeyId: ids.accessKeyId(), AccessKeySecret: ids.accessKeySecret() };
  createPrivateFile(join(dataDir, ROOT_ACCESS_KEY_FILE), `${JSON.stringify(key)}\n`);
}

/**
 * Makes sure of the account that owns everything, and puts the key of the file into the store if a crash kept it out. An operator
 * may take the file away once the key is in.
 * @throws {Error} when file and store disagree.
 */
export async function adoptRootAccessKey({
  config,
  store,
  keys,
  clock,
  log,
}: Pick<Context, "config" | "store" | "keys" | "clock" | "log">): Promise<void> {
  const { accountId } = config;
  await store.accounts.ensure({ accountId, accountName: "main", createdMs: clock.now() });
  const path = join(config.dataDir, ROOT_ACCESS_KEY_FILE);
  const text = readPrivateFile(path);
  if (text === undefined) return;
  const { AccessKeyId: accessKeyId, AccessKeySecret: secret } = RootAccessKey.parse(JSON.parse(text));
  const stored = await store.accessKeys.find(accessKeyId);
  if (stored === undefined) {
    if ((await store.accessKeys.list({ accountId, userId: undefined })).length > 0) {
      log.warn({ path, accessKeyId }, "the root access key of the file was deleted: take the file away");
      return;
    }
    const sealedSecret = keys.seal(accessKeyPurpose(accessKeyId), secret);
    return store.accessKeys.insert({
      accessKeyId,
      accountId,
      sealedSecret,
      enabled: true,
      createdMs: clock.now(),
    });
  }
  if (keys.unseal(accessKeyPurpose(accessKeyId), stored.sealedSecret) !== secret) {
    throw new Error(
      `${path} holds another secret than the database for ${accessKeyId}: put the right file back, or move it away`,
    );
  }
}
