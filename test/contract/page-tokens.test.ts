import { listPage, pageTokens } from "@cloud-assistant/control-plane/actions/list-page";
import { openKeys, type Keys } from "@cloud-assistant/control-plane/keys";
import * as fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import {
  ACCOUNT,
  anActivation,
  anInstance,
  aNonce,
  NOW_MS,
  REGION,
  seatStore,
  type StoreSeat,
} from "../support/stores.ts";

const HOSTS = 37;
const call = { action: "DescribeManagedInstances", caller: { accountId: "1", accessKeyId: "AK", layers: [] } };
const filter = { accountId: ACCOUNT, regionId: REGION, tags: [] };

let seat: StoreSeat;
let keys: Keys;
beforeAll(async () => {
  seat = await seatStore();
  keys = openKeys(seat.dir, false);
  await seat.store.activations.insert(anActivation({ instanceCount: 100 }), aNonce());
  for (let index = 0; index < HOSTS; index++) {
    const tags = index % 3 === 0 ? [{ key: "third", value: "yes" }] : [];
    await seat.store.instances.register(anInstance(`${index}`, { tags }), NOW_MS);
  }
});
afterAll(() => seat.remove());

test("pages by token, of any sizes, are the list without a gap or a repetition", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 5 }),
      fc.boolean(),
      async (sizes, tagged) => {
        const tags = tagged ? [{ key: "third", value: "yes" }] : [];
        const listed: string[] = [];
        for (let token: string | undefined, page = 0; page === 0 || token; page++) {
          const input = { tagged, MaxResults: sizes[page % sizes.length], ...(token && { NextToken: token }) };
          const { rows, page: shown } = await listPage({ keys }, call, input, (wanted) =>
            seat.store.instances.list({ ...filter, tags }, wanted),
          );
          listed.push(...rows.map(({ instanceId }) => instanceId));
          token = shown.NextToken;
        }
        const { rows } = await seat.store.instances.list({ ...filter, tags }, { limit: 100 });
        expect(listed).toEqual(rows.map(({ instanceId }) => instanceId));
      },
    ),
    { numRuns: 60 },
  );
});

test("a page that follows is the same whatever was added at the front meanwhile", async () => {
  const list = (NextToken?: string) =>
    listPage({ keys }, call, { MaxResults: 10, ...(NextToken && { NextToken }) }, (wanted) =>
      seat.store.instances.list(filter, wanted),
    );
  const { page } = await list();
  const before = (await list(page.NextToken)).rows;
  await seat.store.instances.register(anInstance("late"), NOW_MS);
  expect((await list(page.NextToken)).rows).toEqual(before);
});

const position = fc.oneof(fc.nat(2 ** 40).map(String), fc.string());
const filters = fc.record({
  RegionId: fc.string(),
  Tag: fc.array(fc.record({ key: fc.string(), value: fc.string() }), { maxLength: 3 }),
});
const question = fc.record({ action: fc.constantFrom("A", "B"), accountId: fc.constantFrom("1", "2"), asked: filters });
const tokensOf = ({ action, accountId, asked }: { action: string; accountId: string; asked: object }) =>
  pageTokens({ keys }, { action, caller: { accountId, accessKeyId: "AK", layers: [] } }, asked);
const refused = expect.objectContaining({ code: "InvalidParameter.NextToken" }) as unknown;
const codeOf = (open: () => string): unknown => {
  try {
    return open();
  } catch (error) {
    return error;
  }
};

test("a token opens for its question alone", () => {
  fc.assert(
    fc.property(position, question, question, (at, one, other) => {
      const token = tokensOf(one).seal(at);
      const same = JSON.stringify(one) === JSON.stringify(other);
      expect(tokensOf(structuredClone(one)).open(token)).toBe(at);
      expect(codeOf(() => tokensOf(other).open(token))).toEqual(same ? at : refused);
    }),
  );
});

test("no changed character, piece or text of somebody's own opens", () => {
  fc.assert(
    fc.property(position, question, fc.nat(), fc.string({ minLength: 1 }), (at, asked, where, text) => {
      const tokens = tokensOf(asked);
      const token = tokens.seal(at);
      const index = where % token.length;
      const changed = `${token.slice(0, index)}${token[index] === "A" ? "B" : "A"}${token.slice(index + 1)}`;
      for (const wrong of [changed, token.slice(0, index), `${token}A`, text])
        expect(codeOf(() => tokens.open(wrong))).toEqual(refused);
    }),
  );
});

test("a token tells nothing of the position, not even that it is the same", () => {
  const { seal } = tokensOf({ action: "A", accountId: "1", asked: {} });
  expect(seal("5")).not.toBe(seal("5"));
  expect(Buffer.from(seal("123456789"), "base64url").toString("latin1")).not.toContain("123456789");
});
