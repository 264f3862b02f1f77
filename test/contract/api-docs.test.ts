import { readFileSync } from "node:fs";
import * as models from "@alicloud/ecs20140526";
import { ACTIONS } from "@cloud-assistant/control-plane/actions/index";
import { nestParameters } from "@cloud-assistant/shared/api/flatten";
import { ECS_VERSION } from "@cloud-assistant/shared/api/versions";
import { expect, test } from "vitest";
import { API_PAGE, apiPage, givenOf } from "../../scripts/api-page.ts";
import { TOLD } from "../../scripts/api-page/examples.ts";
import { flatten, snippets } from "../../scripts/api-page/snippets.ts";
import { ERRORS_PAGE, errorsPage } from "../../scripts/errors-page.ts";

const actions = [...ACTIONS.values()].flatMap((named) => [...named.values()]);

test("docs/api.md and docs/errors.md are as `npm run docs` makes them", () => {
  expect(readFileSync(API_PAGE, "utf8")).toBe(apiPage());
  const page = readFileSync(ERRORS_PAGE, "utf8");
  expect(page).toBe(errorsPage(page));
});

test("every action is told of, and nothing else", () => {
  expect(Object.keys(TOLD).toSorted()).toEqual(actions.map(({ name }) => name).toSorted());
});

test.each(actions.map((action) => [action.name, action] as const))(
  "the example of %s is one it takes",
  (name, { input }) => {
    expect(input.safeParse(nestParameters(flatten(Object.entries(givenOf(name, input)))))).toMatchObject({
      success: true,
    });
  },
);

const ofSdk = actions.filter(({ name, version }) => version === ECS_VERSION && name !== "StreamInvocationOutput");

test.each(ofSdk.map((action) => [action.name, action] as const))(
  "the TypeScript of %s makes that request",
  (name, { input }) => {
    const given = givenOf(name, input);
    const expression = /\((.*)\);$/.exec(snippets("ecs", name, given).TypeScript)?.[1] ?? "";
    // oxlint-disable-next-line no-new-func -- the page's own text is what is tried
    const request = new Function("models", `return ${expression}`)(models) as { toMap: () => Record<string, unknown> };
    const map = Object.entries(request.toMap()).map(([key, value]) => [
      `${key[0]?.toUpperCase()}${key.slice(1)}`,
      value,
    ]);
    expect(JSON.parse(JSON.stringify(Object.fromEntries(map)))).toEqual(given);
  },
);
