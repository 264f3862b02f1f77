import { existsSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type {
  CreateAccessKeyAnswer,
  ListAccessKeysAnswer,
  NewAccessKeyAnswer,
} from "@cloud-assistant/shared/api/identity";
import type { Io } from "../../io.ts";
import { readSecretFile } from "../../private-file.ts";
import { toTable } from "../../table.ts";
import { tell, toJsonKey, toKeyText, withRam, type Flags, type Ram } from "./ram.ts";

/** `user`: whose key; the account's own without it. */
export type KeyFlags = Flags & { readonly user?: string };

export function runAccessKeyCreate(flags: KeyFlags, io: Io): Promise<number> {
  return withRam(flags, io, async (ram) => {
    const key = await create(ram, flags);
    await tell(flags, io, toJsonKey(key), toKeyText(key));
  });
}

export function runAccessKeyList(flags: KeyFlags, io: Io): Promise<number> {
  return withRam(flags, io, async (ram) => {
    const { AccessKeys } = await ram<ListAccessKeysAnswer>("ListAccessKeys", { UserName: flags.user });
    const json = AccessKeys.AccessKey.map(({ AccessKeyId, Status, CreateDate }) => ({
      accessKeyId: AccessKeyId,
      enabled: Status === "Active",
      createdAt: CreateDate,
    }));
    const rows = json.map(({ accessKeyId, enabled, createdAt }) => [accessKeyId, enabled ? "yes" : "no", createdAt]);
    await tell(flags, io, json, toTable(["access key", "enabled", "created"], rows));
  });
}

export function runAccessKeySet(id: string, enabled: boolean, flags: KeyFlags, io: Io): Promise<number> {
  return withRam(flags, io, async (ram) => {
    await setEnabled(ram, id, enabled, flags);
    await tell(flags, io, { accessKeyId: id, enabled }, `${id} is ${enabled ? "enabled" : "disabled"} now.\n`);
  });
}

export function runAccessKeyDelete(id: string, flags: KeyFlags, io: Io): Promise<number> {
  return withRam(flags, io, async (ram) => {
    await ram("DeleteAccessKey", { UserName: flags.user, UserAccessKeyId: id });
    await tell(flags, io, { accessKeyId: id, deleted: true }, `${id} is gone.\n`);
  });
}

/** The new key is told, and where `--data-dir` looks, before the old one stops working: whatever breaks, one of them does. */
export function runAccessKeyRotate(id: string, flags: KeyFlags, io: Io): Promise<number> {
  return withRam(flags, io, async (ram) => {
    const key = await create(ram, flags);
    await tell(
      flags,
      io,
      { ...toJsonKey(key), disabled: id },
      `${toKeyText(key)}${id} is disabled; delete it when nothing uses it any more.\n`,
    );
    if (flags.dataDir !== undefined && flags.user === undefined) replaceRootKeyFile(flags.dataDir, id, key);
    await setEnabled(ram, id, false, flags);
  });
}

async function create(ram: Ram, { user }: KeyFlags): Promise<NewAccessKeyAnswer> {
  return (await ram<CreateAccessKeyAnswer>("CreateAccessKey", { UserName: user })).AccessKey;
}

async function setEnabled(ram: Ram, id: string, enabled: boolean, { user }: KeyFlags): Promise<void> {
  await ram("UpdateAccessKey", { UserName: user, UserAccessKeyId: id, Status: enabled ? "Active" : "Inactive" });
}

/** Only where the file holds the key that goes. */
function replaceRootKeyFile(dataDir: string, id: string, key: NewAccessKeyAnswer): void {
  const path = join(dataDir, "root-access-key.json");
  if (!existsSync(path)) return;
  const { AccessKeyId } = JSON.parse(readSecretFile(path) ?? "{}") as { AccessKeyId?: string };
  if (AccessKeyId !== id) return;
  const draft = `${path}.new`;
  writeFileSync(draft, `${JSON.stringify({ AccessKeyId: key.AccessKeyId, AccessKeySecret: key.AccessKeySecret })}\n`, {
    mode: 0o600,
  });
  renameSync(draft, path);
}
