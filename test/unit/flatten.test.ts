import { foldName, nestParameters } from "@cloud-assistant/shared/api/flatten";
import * as fc from "fast-check";
import { expect, test } from "vitest";

const nest = (parameters: Record<string, string>): unknown =>
  structuredClone(nestParameters(Object.entries(parameters)));

function codeOf(act: () => unknown): string {
  try {
    act();
    return "none";
  } catch (error) {
    return String((error as { code?: string }).code);
  }
}

test("lists, objects in lists, and lists in those", () => {
  expect(
    nest({
      RegionId: "r",
      "InstanceId.2": "b",
      "InstanceId.1": "a",
      "Tag.1.Key": "k",
      "Tag.1.Value": "",
      "TagFilter.1.TagValues.1": "v",
    }),
  ).toEqual({
    RegionId: "r",
    InstanceId: ["a", "b"],
    Tag: [{ Key: "k", Value: "" }],
    TagFilter: [{ TagValues: ["v"] }],
  });
});

test("gaps close up in the order of the numbers, not of the texts", () => {
  expect(nest({ "A.10": "x", "A.9": "y", "A.200000000": "z" })).toEqual({ A: ["y", "x", "z"] });
});

test("names are folded to an upper-case first letter", () => {
  expect(nest({ statusKey: "a", "tag.1.key": "b" })).toEqual({ StatusKey: "a", Tag: [{ Key: "b" }] });
  expect(foldName("Été")).toBe("Été");
});

test.each([{ "A.0": "x" }, { "A.01": "x" }])(
  "an index that counts not from 1 makes an object, which no input takes for a list: %j",
  (given) => {
    expect(Array.isArray((nest(given) as { A: unknown }).A)).toBe(false);
  },
);

test.each([
  [{ statusKey: "a", StatusKey: "b" }],
  [{ A: "x", "A.1": "y" }],
  [{ "A.1": "y", A: "x" }],
  [{ "A.1.B": "y", "A.1": "x" }],
])("two parameters for one place are refused: %j", (given) => {
  expect(() => nest(given)).toThrow(expect.objectContaining({ code: "InvalidParameter.Duplicate" }));
});

test("no name reaches a prototype, and nothing crashes", () => {
  nest({ "__proto__.x": "1", "constructor.prototype.y": "1" });
  expect(({} as Record<string, unknown>)["x"]).toBeUndefined();
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.string()), (given) => {
      expect(["none", "InvalidParameter.Duplicate"]).toContain(codeOf(() => nestParameters(Object.entries(given))));
    }),
  );
});
