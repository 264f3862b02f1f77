import { readFileSync } from "node:fs";
import type {
  ExplainPolicyAnswer,
  GetPolicyAnswer,
  ListPoliciesAnswer,
  ListPoliciesForUserAnswer,
  PutPolicyAnswer,
} from "@cloud-assistant/shared/api/identity";
import { CliFailure } from "../../failure.ts";
import { readAll, type Io } from "../../io.ts";
import { printable } from "../../printable.ts";
import { toTable } from "../../table.ts";
import { tell, withRam, type Flags, type Ram } from "./ram.ts";

export async function runPolicyPut(
  name: string,
  file: string,
  flags: Flags & { readonly description?: string },
  io: Io,
): Promise<number> {
  const PolicyDocument = await readDocument(file, io);
  return withRam(flags, io, async (ram) => {
    const { Policy } = await ram<PutPolicyAnswer>("PutPolicy", {
      PolicyName: name,
      PolicyDocument,
      Description: flags.description,
    });
    await tell(
      flags,
      io,
      { policyName: Policy.PolicyName, updatedAt: Policy.UpdateDate },
      `Policy ${name} holds from now on.\n`,
    );
  });
}

/** @param file `-` is standard input */
export async function readDocument(file: string, io: Io): Promise<string> {
  if (file === "-") return (await readAll(io.stdin)).toString();
  try {
    return readFileSync(file, "utf8");
  } catch (cause) {
    throw new CliFailure(`${file} cannot be read (${(cause as Error).message})`, { cause });
  }
}

export function runPolicyShow(name: string, flags: Flags, io: Io): Promise<number> {
  return withRam(flags, io, async (ram) => {
    const { Policy } = await ram<GetPolicyAnswer>("GetPolicy", {
      PolicyName: name,
      PolicyType: await typeOf(ram, name),
    });
    const { PolicyType, PolicyName, Description, PolicyDocument } = Policy;
    const json = {
      type: PolicyType,
      policyName: PolicyName,
      description: Description,
      document: JSON.parse(PolicyDocument) as unknown,
    };
    await tell(flags, io, json, `${JSON.stringify(json.document, null, 2)}\n`);
  });
}

/** All there are, or those of one user. */
export function runPolicyList(flags: Flags & { readonly user?: string }, io: Io): Promise<number> {
  return withRam(flags, io, async (ram) => {
    const list =
      flags.user === undefined
        ? (await ram<ListPoliciesAnswer>("ListPolicies")).Policies.Policy
        : (await ram<ListPoliciesForUserAnswer>("ListPoliciesForUser", { UserName: flags.user })).Policies.Policy;
    const json = list.map(({ PolicyType, PolicyName }) => ({ type: PolicyType, policyName: PolicyName }));
    await tell(
      flags,
      io,
      json,
      toTable(
        ["policy", "type"],
        json.map(({ type, policyName }) => [policyName, type]),
      ),
    );
  });
}

export function runPolicyDelete(name: string, flags: Flags, io: Io): Promise<number> {
  return withRam(flags, io, async (ram) => {
    await ram("DeletePolicy", { PolicyName: name });
    await tell(flags, io, { policyName: name, deleted: true }, `Policy ${name} is gone.\n`);
  });
}

export function runPolicyAttach(
  name: string,
  attached: boolean,
  flags: Flags & { readonly user: string },
  io: Io,
): Promise<number> {
  return withRam(flags, io, async (ram) => {
    const asked = { PolicyName: name, PolicyType: await typeOf(ram, name), UserName: flags.user };
    await ram(attached ? "AttachPolicyToUser" : "DetachPolicyFromUser", asked);
    const text = `Policy ${name} is ${attached ? "attached to" : "detached from"} ${flags.user}.\n`;
    await tell(flags, io, { policyName: name, userName: flags.user, attached }, text);
  });
}

/** No policy is named as one of the system's. */
async function typeOf(ram: Ram, name: string): Promise<string> {
  const { Policies } = await ram<ListPoliciesAnswer>("ListPolicies");
  const found = Policies.Policy.find(({ PolicyName }) => PolicyName === name);
  if (!found) throw new CliFailure(`there is no policy ${name}: see cloud-assistant policy list`);
  return found.PolicyType;
}

export type ExplainFlags = Flags & {
  readonly user: string;
  readonly action: string;
  readonly resource?: string[];
  readonly runAs?: string;
  readonly sourceIp?: string;
  readonly time?: string;
};

/** Exit code 0 whatever the decision: that the question was answered is the success. */
export function runPolicyExplain(flags: ExplainFlags, io: Io): Promise<number> {
  return withRam(flags, io, async (ram) => {
    const answer = await ram<ExplainPolicyAnswer>("ExplainPolicy", {
      UserName: flags.user,
      ActionName: flags.action.includes(":") ? flags.action : `ecs:${flags.action}`,
      Resource: flags.resource ?? [],
      RunAs: flags.runAs,
      SourceIp: flags.sourceIp,
      CurrentTime: flags.time,
    });
    const results = answer.Results.Result.map(({ Resource, Decision, Because, Statements }) => ({
      resource: Resource,
      decision: Decision,
      because: Because,
      statements: Statements.Statement.map(({ PolicyName, Statement, Effect, Applies, Reason }) => ({
        policyName: PolicyName,
        statement: Statement,
        effect: Effect,
        applies: Applies,
        reason: Reason,
      })),
    }));
    const text = results.map(({ resource, decision, because, statements }) =>
      [
        `${decision}  ${resource}: ${because}`,
        ...statements.map(
          ({ policyName, statement, effect, applies, reason }) =>
            `  ${policyName} statement ${statement} (${effect}) ${applies ? "applies" : `does not apply: ${reason}`}`,
        ),
      ].map((line) => `${printable(line)}\n`),
    );
    await tell(flags, io, { decision: answer.Decision, results }, text.flat().join(""));
  });
}
