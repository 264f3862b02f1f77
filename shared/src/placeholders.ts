/**
 * `{{name}}` for the caller's own parameters, `{{ACS::Name}}` or `<<ACS::Name>>` for built-in ones (api-facts 1.9, DESIGN 4).
 * Content is bytes of any encoding, so it is looked at as text with one character a byte: whatever is not a placeholder
 * comes out as it went in, and a value goes in as its UTF-8 bytes.
 *
 * `{{oos:NAME}}` and `{{oos-secret:NAME}}` are references to the Parameter Store.
 *
 * The control plane fills in custom parameters (`renderContent`), the agent later the built-in ones and the references
 * (`renderOnHost`), and still each value is substituted once: where a value would read as a placeholder of the agent's, or
 * would complete one, it travels as `{{ACS::=<hex>}}`, which the second step turns back. A caller cannot write that form: it is an unknown name.
 */
export const BUILT_IN_NAMES = ["RegionId", "AccountId", "InstanceId", "InstanceName", "InvokeId", "CommandId"] as const;
export type BuiltInName = (typeof BUILT_IN_NAMES)[number];

/**
 * `name` as written, without the blanks around it and without `ACS::`; of a reference `oos:NAME` or `oos-secret:NAME`, whose
 * NAME is not judged here. `from` and `to` are byte offsets.
 */
export type Placeholder = {
  readonly kind: "custom" | "builtIn" | "reference";
  readonly name: string;
  readonly from: number;
  readonly to: number;
};

const PATTERN = /\{\{([^{}]*)\}\}|<<ACS::([0-9A-Za-z_-]*)>>/gi;
const BUILT_IN_PREFIX = /^ACS::/i;
/** The names are those of the Parameter Store, which knows upper from lower case. */
const REFERENCE = /^(oos|oos-secret)[ \t\r\n]*:[ \t\r\n]*([^]*)$/;
const BLANKS_AROUND = /^[ \t\r\n]+|[ \t\r\n]+$/g;
const VERBATIM = /^=(?:[0-9a-f]{2})*$/;

/** All placeholders in their order; names are not judged here. */
export function findPlaceholders(content: Uint8Array): Placeholder[] {
  return find(toText(content));
}

export function isCustomName(name: string): boolean {
  return /^[0-9A-Za-z_-]+$/.test(name);
}

/** The built-in name as we spell it, or undefined for an unknown one. */
export function toBuiltInName(name: string): BuiltInName | undefined {
  return BUILT_IN_NAMES.find((known) => known.toLowerCase() === name.toLowerCase());
}

/**
 * Fills in the custom parameters; one without a value becomes empty. Built-in placeholders stay.
 * @param values by name, in any case
 */
export function renderContent(content: Uint8Array, values: Readonly<Record<string, string>>): Uint8Array {
  const rendered = renderText(content, values);
  return rendered === undefined ? content : toBytes(rendered.safe);
}

/** Bytes of the content with the custom parameters filled in, for the limit on it. */
export function renderedBytes(content: Uint8Array, values: Readonly<Record<string, string>>): number {
  return renderText(content, values)?.plain.length ?? content.length;
}

/** What has no value, and is left as it stands. */
export type Unknown = Pick<Placeholder, "kind" | "name">;

/**
 * Fills in the built-in parameters and the references.
 * @param builtIns by built-in name, in any case
 * @param references by `oos:NAME` and `oos-secret:NAME`
 */
export function renderOnHost(
  content: Uint8Array,
  builtIns: Readonly<Record<string, string>>,
  references: Readonly<Record<string, string>> = {},
): { readonly content: Uint8Array; readonly unknown: readonly Unknown[] } {
  const text = toText(content);
  const found = find(text).filter(({ kind }) => kind !== "custom");
  if (found.length === 0) return { content, unknown: [] };
  const byName = lowerCased(builtIns);
  const unknown: Unknown[] = [];
  const rendered = splice(text, found, ({ kind, name, from, to }) => {
    if (kind === "builtIn" && VERBATIM.test(name)) return fromHex(name.slice(1));
    const value =
      kind === "builtIn"
        ? byName.get(name.toLowerCase())
        : Object.hasOwn(references, name)
          ? references[name]
          : undefined;
    if (value !== undefined) return toText(new TextEncoder().encode(value));
    unknown.push({ kind, name });
    return text.slice(from, to);
  });
  return { content: toBytes(rendered), unknown };
}

function renderText(
  content: Uint8Array,
  values: Readonly<Record<string, string>>,
): { plain: string; safe: string } | undefined {
  const text = toText(content);
  const all = find(text);
  const customs = all.filter(({ kind }) => kind === "custom");
  if (customs.length === 0) return undefined;
  const byName = lowerCased(values);
  const valueOf = ({ name }: Placeholder): string =>
    toText(new TextEncoder().encode(byName.get(name.toLowerCase()) ?? ""));
  const plain = splice(text, customs, valueOf);
  const moved = othersAfter(all, valueOf);
  const found = find(plain).filter(({ kind }) => kind !== "custom");
  const same = found.length === moved.length && found.every(({ from }, index) => from === moved[index]);
  return { plain, safe: same ? plain : splice(text, customs, (custom) => `{{ACS::=${toHex(valueOf(custom))}}}`) };
}

/** Where the content's own built-in placeholders and references begin once the custom ones are filled in. */
function othersAfter(all: readonly Placeholder[], valueOf: (custom: Placeholder) => string): number[] {
  let grown = 0;
  const starts: number[] = [];
  for (const placeholder of all) {
    if (placeholder.kind !== "custom") starts.push(placeholder.from + grown);
    else grown += valueOf(placeholder).length - (placeholder.to - placeholder.from);
  }
  return starts;
}

function find(text: string): Placeholder[] {
  if (!text.includes("{{") && !text.includes("<<")) return [];
  return Array.from(text.matchAll(PATTERN), (match) => {
    return {
      ...judge(match[1]?.replace(BLANKS_AROUND, ""), match[2]),
      from: match.index,
      to: match.index + match[0].length,
    };
  });
}

function judge(inBraces: string | undefined, inAngles: string | undefined): Pick<Placeholder, "kind" | "name"> {
  if (inBraces === undefined) return { kind: "builtIn", name: inAngles ?? "" };
  if (BUILT_IN_PREFIX.test(inBraces)) return { kind: "builtIn", name: inBraces.slice(5) };
  const [, store, name] = REFERENCE.exec(inBraces) ?? [];
  return store === undefined ? { kind: "custom", name: inBraces } : { kind: "reference", name: `${store}:${name}` };
}

function splice(text: string, parts: readonly Placeholder[], replace: (part: Placeholder) => string): string {
  let done = "";
  let at = 0;
  for (const part of parts) {
    done += text.slice(at, part.from) + replace(part);
    at = part.to;
  }
  return done + text.slice(at);
}

function lowerCased(values: Readonly<Record<string, string>>): Map<string, string> {
  return new Map(Object.entries(values).map(([name, value]) => [name.toLowerCase(), value]));
}

/** One character a byte; `TextDecoder("latin1")` is windows-1252 and would not come back. */
function toText(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length; at += 8192) text += String.fromCharCode(...bytes.subarray(at, at + 8192));
  return text;
}

function toBytes(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

function toHex(text: string): string {
  return Array.from(text, (character) => character.charCodeAt(0).toString(16).padStart(2, "0")).join("");
}

function fromHex(hex: string): string {
  return hex.replaceAll(/../g, (pair) => String.fromCharCode(Number.parseInt(pair, 16)));
}
