import { findPlaceholders, renderOnHost, renderContent, renderedBytes } from "@cloud-assistant/shared/placeholders";
import * as fc from "fast-check";
import { expect, test } from "vitest";

const bytes = (text: string): Uint8Array => new Uint8Array(Buffer.from(text));
const text = (content: Uint8Array): string => Buffer.from(content).toString();
const names = (content: string): string[] =>
  findPlaceholders(bytes(content)).map(({ kind, name }) => `${kind} ${name}`);
const BUILT_INS = {
  RegionId: "r-1",
  InstanceId: "mi-1",
  InstanceName: "host",
  InvokeId: "t-1",
  CommandId: "c-1",
  AccountId: "1",
};

test.each([
  ["echo {{name}} {{ Na-m_e2 }}", ["custom name", "custom Na-m_e2"]],
  ["{{\n x \t}} {{ACS::InstanceId}} {{ acs::RegionId }}", ["custom x", "builtIn InstanceId", "builtIn RegionId"]],
  ["<<ACS::InvokeId>> <<name>> cat <<EOF >>f", ["builtIn InvokeId"]],
  ["{{{x}}} {{}} {{a b}} ${x} }}{{", ["custom x", "custom ", "custom a b"]],
  ["{{ACS::}} {{ACS::Nope}}", ["builtIn ", "builtIn Nope"]],
  [
    "{{oos:a/b.c}} {{ oos-secret : DB_pw }} {{oos}} {{OOS:x}} {{oos:}}",
    ["reference oos:a/b.c", "reference oos-secret:DB_pw", "custom oos", "custom OOS:x", "reference oos:"],
  ],
])("finds the placeholders of %j", (content, expected) => {
  expect(names(content)).toEqual(expected);
});

test("fills in custom parameters by name in any case, the missing ones as empty, and leaves built-in ones", () => {
  const rendered = renderContent(bytes("{{Name}}/{{ name }}/{{none}}/{{ACS::InstanceId}}"), { nAme: "Jack é" });
  expect(text(rendered)).toBe("Jack é/Jack é//{{ACS::InstanceId}}");
});

test("fills in built-in parameters in both spellings and reports unknown ones", () => {
  const { content, unknown } = renderOnHost(
    bytes("{{ACS::instanceid}} <<ACS::RegionId>> {{x}} {{ACS::Nope}}"),
    BUILT_INS,
  );
  expect(text(content)).toBe("mi-1 r-1 {{x}} {{ACS::Nope}}");
  expect(unknown).toEqual([{ kind: "builtIn", name: "Nope" }]);
});

test("a reference that a custom value spells, or completes, stays text", () => {
  const rendered = renderContent(bytes("{{a}} {{oos-{{b}}"), { a: "{{oos-secret:pw}}", b: "secret:pw}}" });
  const { content, unknown } = renderOnHost(rendered, BUILT_INS, { "oos-secret:pw": "the secret" });
  expect(text(content)).toBe("{{oos-secret:pw}} {{oos-secret:pw}}");
  expect(unknown).toEqual([]);
});

test("content without placeholders is the same object", () => {
  const content = bytes("echo ${x} <<EOF");
  expect(renderContent(content, { x: "1" })).toBe(content);
  expect(renderOnHost(content, BUILT_INS).content).toBe(content);
});

// Text made mostly of what placeholders are made of, so that values complete, break and imitate them.
const fragment = fc.constantFrom(
  "{",
  "}",
  "{{",
  "}}",
  "{{a}}",
  "{{b}}",
  "{{ACS::",
  "ACS::",
  "RegionId",
  "{{ACS::RegionId}}",
  "<<",
  ">>",
  "<<ACS::",
  "<<ACS::InvokeId>>",
  "{{oos:a}}",
  "{{oos-secret:",
  "oos",
  ":",
  "=",
  "41",
  "é",
  "x",
  " ",
  "\n",
);
const tricky = fc.array(fragment, { maxLength: 8 }).map((parts) => parts.join(""));
const REFERENCES = { "oos:a": "{{a}}{{oos:a}}", "oos-secret:a": "{{ACS::RegionId}}" };
const knownOnly = (content: string): boolean =>
  findPlaceholders(bytes(content)).every(
    ({ kind, name }) => kind === "custom" || Object.hasOwn(kind === "builtIn" ? BUILT_INS : REFERENCES, name),
  );

test("each value is substituted exactly once, whatever it contains and wherever it stands", () => {
  fc.assert(
    fc.property(tricky.filter(knownOnly), tricky, tricky, (content, a, b) => {
      const values: Record<string, string> = { a, b };
      let expected = "";
      let at = 0;
      const source = Buffer.from(content).toString("latin1");
      for (const { kind, name, from, to } of findPlaceholders(bytes(content))) {
        const known: Record<string, string> = { custom: values, builtIn: BUILT_INS, reference: REFERENCES }[kind];
        const value = known[name] ?? "";
        expected += source.slice(at, from) + Buffer.from(value).toString("latin1");
        at = to;
      }
      expected += source.slice(at);
      const { content: rendered, unknown } = renderOnHost(renderContent(bytes(content), values), BUILT_INS, REFERENCES);
      expect(Buffer.from(rendered).toString("latin1")).toBe(expected);
      expect(unknown).toEqual([]);
    }),
    { numRuns: 3000 },
  );
});

test("bytes that are no text survive", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), fc.uint8Array({ maxLength: 64 }), (before, after) => {
      fc.pre(!Buffer.from([...before, ...after]).includes("{") && !Buffer.from([...before, ...after]).includes("<"));
      const content = Uint8Array.from([...before, ...bytes("{{v}}"), ...after]);
      expect([...renderContent(content, { v: "ü" })]).toEqual([...before, ...bytes("ü"), ...after]);
    }),
  );
});

test("the size for the limit is that of the content the host runs, not of its wire form", () => {
  expect(renderedBytes(bytes("{{a}}"), { a: "{{ACS::RegionId}}" })).toBe("{{ACS::RegionId}}".length);
  expect(renderedBytes(bytes("x"), {})).toBe(1);
});
