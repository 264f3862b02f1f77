import { describe, expect, test } from "vitest";
import { findImports, readSources, type Import } from "./source-files.ts";

const PACKAGES = ["shared", "agent", "control-plane", "cli"] as const;
const imports = readSources(PACKAGES.map((name) => `${name}/src`)).flatMap(findImports);

/** Nothing, or the reason of the rule and the imports that break it, so that a failure tells both. */
function explain(broken: readonly Import[], reason: string): string[] {
  return broken.length === 0 ? [] : [reason, ...broken.map(({ from, to, kind }) => `${from} → ${to} (${kind})`)];
}
const within = (folder: string) => imports.filter(({ from }) => from.startsWith(folder));
const packageOf = (path: string): string | undefined =>
  PACKAGES.find((name) => path.startsWith(`${name}/`) || path.startsWith(`@cloud-assistant/${name}/`));

describe("between packages", () => {
  test("shared needs nothing of Node and little else", () => {
    const allowed = ["zod", "luxon"]; // cron-parser is the other opinion in the tests of schedules (ADR 8)
    const broken = within("shared/").filter(({ to }) => !to.startsWith("shared/") && !allowed.includes(to));
    expect(
      explain(
        broken,
        "shared is pure: it runs on both sides, in tests and in a browser; clocks, ids and randomness are passed in",
      ),
    ).toEqual([]);
  });

  test("agent, control plane and command line know shared and themselves", () => {
    const broken = imports.filter(({ from, to, kind }) => {
      const target = packageOf(to);
      const own = packageOf(from);
      return target !== undefined && target !== own && target !== "shared" && !(own === "cli" && kind === "lazy");
    });
    expect(
      explain(
        broken,
        "the two sides meet in the protocol alone; only the binary loads their entries, when it is one of them",
      ),
    ).toEqual([]);
  });

  test("the command line loads no more of the others than their entries", () => {
    const entries = [
      "agent/main",
      "agent/register",
      "agent/server-key",
      "agent/status",
      "agent/clock",
      "agent/doctor/examine",
      "agent/config",
      "agent/log",
      "control-plane/main",
      "control-plane/config",
    ];
    const allowed = new Set(entries.map((entry) => `@cloud-assistant/${entry}`));
    const broken = within("cli/").filter(
      ({ to }) => /^@cloud-assistant\/(?:agent|control-plane)\//.test(to) && !allowed.has(to),
    );
    expect(explain(broken, "an entry is a promise to the outside; anything else may move")).toEqual([]);
  });

  test("nobody reaches into another package by path", () => {
    const broken = imports.filter(
      ({ from, to }) => /^(?:shared|agent|control-plane|cli)\//.test(to) && packageOf(from) !== packageOf(to),
    );
    expect(
      explain(
        broken.filter(({ to }) => !to.endsWith("package.json")),
        "packages are named, so that each can be installed by itself",
      ),
    ).toEqual([]);
  });
});

describe("inside the control plane", () => {
  /** Folder → what it may load, besides shared and itself. Types may come from anywhere: they are the contract. */
  const LAYERS: Readonly<Record<string, readonly string[]>> = {
    domain: [],
    policy: ["domain", "nearest-name.ts"],
    store: ["domain"],
    actions: ["domain", "policy"],
    jobs: ["domain"],
    link: ["domain"],
    http: ["actions", "domain"],
  };

  test.each(Object.keys(LAYERS))("%s loads only what lies below it", (layer) => {
    const folder = `control-plane/src/${layer}/`;
    const below = [
      folder,
      ...(LAYERS[layer] ?? []).map((name) => `control-plane/src/${name}${name.endsWith(".ts") ? "" : "/"}`),
    ];
    const broken = within(folder).filter(
      ({ to, kind }) => kind !== "type" && to.startsWith("control-plane/") && !below.some((ok) => to.startsWith(ok)),
    );
    expect(
      explain(
        broken,
        "http → actions → domain ← store, link, jobs; main.ts puts them together and passes the rest as Context",
      ),
    ).toEqual([]);
  });

  test.each(["domain", "policy"])("%s decides without input or output", (layer) => {
    const broken = within(`control-plane/src/${layer}/`).filter(({ to }) =>
      /^(?:node:(?!net$)|pino|fastify|ws|better-sqlite3)/.test(to),
    );
    expect(explain(broken, "a decision that reads no clock, disk or socket can be proved by tests")).toEqual([]);
  });

  test("SQL, HTTP and sockets each have one home", () => {
    const homes = { "better-sqlite3": "store/", fastify: "http/", ws: "link/" };
    const broken = within("control-plane/").filter(({ from, to, kind }) => {
      const home = homes[to as keyof typeof homes];
      return kind !== "type" && home !== undefined && !from.startsWith(`control-plane/src/${home}`);
    });
    expect(explain(broken, "whoever replaces one of them should find all of it in one folder")).toEqual([]);
  });
});

describe("inside the agent", () => {
  test("only launch/ starts processes", () => {
    const broken = within("agent/").filter(
      ({ from, to }) =>
        ["node:child_process", "execa", "tree-kill"].includes(to) && !from.startsWith("agent/src/launch/"),
    );
    expect(explain(broken, "what starts processes must also find and end them; nobody else may")).toEqual([]);
  });

  test("only the link's socket knows WebSocket", () => {
    const broken = within("agent/").filter(
      ({ from, to, kind }) => to === "ws" && kind !== "type" && !/\/link[^/]*\.ts$/.test(from),
    );
    expect(explain(broken, "the engine must survive any number of links, so it never sees one")).toEqual([]);
  });
});
