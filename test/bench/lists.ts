// Lists of a store with a million invocations against the same lists of one with a thousand, enough to fill every page.
import { alternate, median, type Effort, type Row, type Suite } from "./bench.ts";
import { hostOf, REGION, teamOf } from "./lists/fill.ts";
import { startStored, type Stored } from "./lists/stored.ts";

type Size = {
  readonly few: number;
  readonly many: number;
  readonly rounds: number;
  readonly calls: number;
  readonly page: number;
};
const FULL: Size = { few: 1_000, many: 1_000_000, rounds: 11, calls: 20, page: 1_000 };
const QUICK: Size = { few: 1_000, many: 3_000, rounds: 1, calls: 2, page: 20 };

export const lists: Suite = {
  name: "lists",
  about: "lists of invocations and results with 1,000,000 of them stored, beside 1000",
  measure,
};

type Parameters = Readonly<Record<string, string>>;
const ACTIONS = ["DescribeInvocations", "DescribeInvocationResults"] as const;
type Action = (typeof ACTIONS)[number];
type Asked = (stored: Stored, action: Action) => Promise<Parameters>;

async function measure({ quick, onProgress }: Effort): Promise<readonly Row[]> {
  const { few, many, rounds, calls, page } = quick ? QUICK : FULL;
  const floor = await startStored(few, () => undefined);
  const ours = await startStored(many, (stored) => onProgress(`${stored} of ${many} invocations stored`));
  try {
    const rows: Row[] = [];
    for (const action of ACTIONS) {
      for (const [what, asked] of Object.entries(lookups(page))) {
        onProgress(`${action} ${what}`);
        const medians = await alternate(rounds, {
          floor: await timer(floor, action, asked, calls),
          ours: await timer(ours, action, asked, calls),
        });
        rows.push({
          name: `${action}, ${what}`,
          unit: "ms",
          budget: { atMost: 2 },
          ...medians("ms"),
          note: `p50, ${few} and ${many} stored`,
        });
      }
    }
    return rows;
  } finally {
    await Promise.all([floor.close(), ours.close()]);
  }
}

/** @param page by tokens from the first page on; as far as a smaller store goes, which has no such page */
function lookups(page: number): Readonly<Record<string, Asked>> {
  return {
    "newest 10": async () => ({}),
    "by InvokeId": async (stored, action) => ({
      InvokeId: String((await listPage(stored, action, { PageNumber: "7" })).ids[0]),
    }),
    "by instance": async () => ({ InstanceId: hostOf(42) }),
    "by tag": async () => ({ "Tag.1.Key": "team", "Tag.1.Value": teamOf(7) }),
    [`page ${page} by token`]: async (stored, action) => {
      let parameters: Parameters = { MaxResults: "10" };
      for (let at = 2; at <= page; at++) {
        const { token } = await listPage(stored, action, parameters);
        if (token === "") break;
        parameters = { MaxResults: "10", NextToken: token };
      }
      return parameters;
    },
  };
}

async function timer(
  stored: Stored,
  action: Action,
  asked: Asked,
  calls: number,
): Promise<() => Promise<{ ms: number }>> {
  const parameters = { RegionId: REGION, ...(await asked(stored, action)) };
  return async () => {
    const took: number[] = [];
    while (took.length < calls) {
      const from = performance.now();
      await stored.call(action, parameters);
      took.push(performance.now() - from);
    }
    return { ms: median(took) };
  };
}

/** What both actions list, however they wrap it. */
type Listed = { readonly InvokeId: string };
type Answer = {
  NextToken: string;
  Invocations: { Invocation: Listed[] };
  InvocationResults: { InvocationResult: Listed[] };
};

async function listPage(
  stored: Stored,
  action: Action,
  parameters: Parameters,
): Promise<{ ids: readonly string[]; token: string }> {
  const answer = await stored.call(action, { RegionId: REGION, ...parameters });
  const page = (action === "DescribeInvocations" ? answer : answer["Invocation"]) as Answer;
  const listed =
    action === "DescribeInvocations" ? page.Invocations.Invocation : page.InvocationResults.InvocationResult;
  return { ids: listed.map(({ InvokeId }) => InvokeId), token: page.NextToken };
}
