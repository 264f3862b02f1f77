import type { Told } from "@cloud-assistant/shared/api/fields";
import type { z } from "zod";

export type Parameter = {
  readonly name: string;
  readonly required: boolean;
  readonly byDefault: string;
  readonly takes: string;
};

/** zod's own description of a schema, as far as it is asked for here. */
type Def = {
  readonly type: string;
  readonly in?: z.ZodType;
  readonly out?: z.ZodType;
  readonly innerType?: z.ZodType;
  readonly element?: z.ZodType;
  readonly shape?: Readonly<Record<string, z.ZodType>>;
  readonly entries?: Readonly<Record<string, string>>;
};
const defOf = (schema: z.ZodType): Def => schema.def as unknown as Def;

/** Every parameter of an action, in the order in which they are checked. */
export function describeInput(input: z.ZodType): Parameter[] {
  return Object.entries(shapeOf(input)).map(([name, schema]) => {
    const missing = schema.safeParse(undefined);
    const required = !missing.success;
    return {
      name: isList(schema) ? `${name}.N` : name,
      required,
      byDefault: required ? "" : show(missing.data),
      takes: takesOf(schema) ?? "text",
    };
  });
}

function shapeOf(schema: z.ZodType): Readonly<Record<string, z.ZodType>> {
  const { shape, in: inner } = defOf(schema);
  if (shape) return shape;
  if (inner) return shapeOf(inner);
  throw new Error("the input of an action is an object");
}

/** What is outside wins: it knows more. */
function takesOf(schema: z.ZodType): string | undefined {
  const { takes } = (schema.meta() ?? {}) as Partial<Told>;
  if (takes) return takes;
  const { type, in: from, out: to, innerType, element, entries } = defOf(schema);
  if (entries)
    return Object.values(entries)
      .map((value) => `\`${value}\``)
      .join(", ");
  if (type === "array" && element) return `list of ${takesOf(element) ?? "texts"}`;
  return [to, from, innerType].flatMap((part) => (part ? [takesOf(part)] : [])).find((words) => words !== undefined);
}

function isList(schema: z.ZodType): boolean {
  const { type, in: from, innerType } = defOf(schema);
  return type === "array" || [from, innerType].some((part) => part !== undefined && isList(part));
}

function show(value: unknown): string {
  const empty =
    value === undefined ||
    value === "" ||
    (typeof value === "object" && value !== null && Object.keys(value).length === 0);
  return empty ? "" : `\`${typeof value === "string" ? value : JSON.stringify(value)}\``;
}
