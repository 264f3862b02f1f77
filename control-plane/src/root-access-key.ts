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
 * Puts the key of the file into the store if a crash kept it out. An operator may take the file away once the key is in.
 * @throws {Error} when file and store disagree.
 */
export async function adoptRootAccessKey({
  config,
  store,
  keys,
  clock,
}: Pick<Context, "config" | "store" | "keys" | "clock">): Promise<void> {
  const path = join(config.dataDir, ROOT_ACCESS_KEY_FILE);
  const text = readPrivateFile(path);
  if (text === undefined) return;
  const { AccessKeyId: accessKeyId, AccessKeySecret: secret } = RootAccessKey.parse(JSON.parse(text));
  const stored = await store.accessKeys.find(accessKeyId);
  if (stored === undefined) {
    const sealedSecret = keys.seal(accessKeyPurpose(accessKeyId), secret);
    return store.accessKeys.insert({
      accessKeyId,
      accountId: config.accountId,
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
