import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";

const root = join(import.meta.dirname, "..", "..");

export type SourceFile = { readonly path: string; readonly text: string };

/** Files below these folders of the repository, with paths from its root; what is installed or generated is left out. */
export function readSources(folders: readonly string[], extensions: readonly string[] = [".ts"]): SourceFile[] {
  return folders
    .flatMap((folder) => walk(join(root, folder)))
    .filter((path) => extensions.some((extension) => path.endsWith(extension)))
    .map((path) => ({ path: relative(root, path), text: readFileSync(path, "utf8") }));
}

function walk(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter(({ name }) => name !== "node_modules" && !name.startsWith("."))
    .flatMap((entry) => (entry.isDirectory() ? walk(join(folder, entry.name)) : [join(folder, entry.name)]));
}

/** `type`: vanishes when types are stripped, so nothing is loaded. `lazy`: loaded when it is needed. */
export type Import = { readonly from: string; readonly to: string; readonly kind: "value" | "type" | "lazy" };

const STATIC = /^(?:import|export)\s+(?:(type)\s+)?(?:[^;"']*?\sfrom\s+)?"([^"]+)"/gm;
const LAZY = /\bimport\("([^"]+)"\)/g;

/** Every import of a file; relative ones as paths from the repository's root. */
export function findImports({ path, text }: SourceFile): Import[] {
  const resolve = (to: string): string => (to.startsWith(".") ? join(path, "..", to) : to);
  return [
    ...Array.from(text.matchAll(STATIC), ([, type, to = ""]) => ({
      from: path,
      to: resolve(to),
      kind: type ? ("type" as const) : ("value" as const),
    })),
    ...Array.from(text.matchAll(LAZY), ([, to = ""]) => ({ from: path, to: resolve(to), kind: "lazy" as const })),
  ];
}
