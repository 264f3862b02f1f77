export type Api = "ecs" | "oos" | "ram" | "sts";

/** What a call gives, by the names of the API. */
type Example = Readonly<Record<string, unknown>>;

/** The SDKs spell names with a small first letter (TypeScript), with underscores (Python), or as the API does (Go). */
const camel = (name: string): string => (name[0] ?? "").toLowerCase() + name.slice(1);
const snake = (name: string): string => name.replaceAll(/(?<=[a-z0-9])(?=[A-Z])/g, "_").toLowerCase();

const isObject = (value: unknown): value is Example =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Calls in the languages of the official SDKs. */
export function snippets(api: Api, action: string, given: Example): Record<"TypeScript" | "Python" | "Go", string> {
  const fields = Object.entries(given);
  return {
    TypeScript: `await client.${camel(action)}(${typeScript(`${action}Request`, given)});`,
    Python: `client.${snake(action)}(models.${action}Request(${fields.map(([name, value]) => `${snake(name)}=${python(action, name, value)}`).join(", ")}))`,
    Go: `client.${action}(&${api}.${action}Request{${fields.map(([name, value]) => `${name}: ${go(`${api}.${action}Request${name}`, value)}`).join(", ")}})`,
  };
}

/** For the CLI of the original. */
export function aliyunLine(api: Api, action: string, given: Example): string {
  const flat = flatten(Object.entries(given)).map(([name, value]) => `--${name} ${shell(value)}`);
  return ["aliyun", api, action, "--endpoint 127.0.0.1:8080 --insecure", ...flat].join(" ");
}

/** As clients put it on the wire: lists by number, objects as JSON. */
export function flatten(entries: readonly (readonly [string, unknown])[]): [string, string][] {
  return entries.flatMap(([name, value]): [string, string][] => {
    if (!Array.isArray(value)) return [[name, isObject(value) ? JSON.stringify(value) : String(value)]];
    return value.flatMap((item: unknown, index) => {
      const place = `${name}.${index + 1}`;
      return isObject(item)
        ? flatten(Object.entries(item).map(([key, member]) => [`${place}.${key}`, member]))
        : [[place, String(item)] as [string, string]];
    });
  });
}

function typeScript(model: string, value: unknown): string {
  if (Array.isArray(value)) return `[${value.map((item) => typeScript(model, item)).join(", ")}]`;
  if (!isObject(value) || isMap(model)) return JSON.stringify(value);
  const members = Object.entries(value).map(
    ([name, member]) => `${camel(name)}: ${typeScript(`${model}${name}`, member)}`,
  );
  return `new models.${model}({ ${members.join(", ")} })`;
}

/** The caller's own names, which no model has. */
function isMap(model: string): boolean {
  return model.endsWith("RequestParameters");
}

function python(action: string, name: string, value: unknown): string {
  if (Array.isArray(value)) return `[${value.map((item) => python(action, name, item)).join(", ")}]`;
  if (typeof value === "boolean") return value ? "True" : "False";
  if (!isObject(value)) return JSON.stringify(value);
  if (name === "Parameters") return JSON.stringify(value);
  return `models.${action}Request${name}(${Object.entries(value)
    .map(([key, member]) => `${snake(key)}=${python(action, key, member)}`)
    .join(", ")})`;
}

function go(type: string, value: unknown): string {
  if (Array.isArray(value)) {
    const [first] = value as unknown[];
    const items = value.map((item) => go(type, item)).join(", ");
    return isObject(first) ? `[]*${type}{${items}}` : `[]*string{${items}}`;
  }
  if (typeof value === "boolean") return `tea.Bool(${value})`;
  if (typeof value === "number") return `tea.Int64(${value})`;
  if (!isObject(value)) return `tea.String(${JSON.stringify(value)})`;
  const members = Object.entries(value);
  if (isMap(type))
    return `map[string]interface{}{${members.map(([key, member]) => `${JSON.stringify(key)}: ${JSON.stringify(member)}`).join(", ")}}`;
  return `&${type}{${members.map(([key, member]) => `${key}: ${go(type, member)}`).join(", ")}}`;
}

function shell(value: string): string {
  return /^[\w./:@=-]+$/.test(value) ? value : `'${value.replaceAll("'", "'\\''")}'`;
}
