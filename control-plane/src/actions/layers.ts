import type { Context } from "../context.ts";
import type { NamedPolicy } from "../policy/decide.ts";
import { parseKnownPolicy } from "../policy/known-policies.ts";
import { SYSTEM_POLICIES } from "../policy/system-policies.ts";
import type { UserRef } from "../store/identity.ts";

/** Policies that must each allow a call: the user's, and the one that came with a temporary key. */
export type Layer = { readonly name: "user" | "session"; readonly policies: readonly NamedPolicy[] };

/** What limits a caller; nothing does for the account itself, which may do everything. */
export async function listLayers(
  { store }: Pick<Context, "store">,
  {
    user,
    session,
  }: { readonly user?: UserRef | undefined; readonly session?: { readonly policy?: string } | undefined },
): Promise<Layer[]> {
  const layers: Layer[] = [];
  if (user)
    layers.push({
      name: "user",
      policies: (await store.policies.listOf(user.userId)).map(({ type, name, document }) =>
        toNamed(type, name, document),
      ),
    });
  if (session?.policy !== undefined)
    layers.push({
      name: "session",
      policies: [{ name: "the temporary key's policy", policy: parseKnownPolicy(session.policy) }],
    });
  return layers;
}

function toNamed(type: string, name: string, document: string | undefined): NamedPolicy {
  const system = type === "System" ? SYSTEM_POLICIES.get(name)?.policy : undefined;
  if (!system && document === undefined) throw new Error(`the ${type} policy ${name} is attached and not there`);
  return { name, policy: system ?? parseKnownPolicy(document ?? "") };
}
