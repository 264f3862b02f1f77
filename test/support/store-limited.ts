// A store on a disk that stops taking writes: node store-limited.ts DIR. The limit on the size of files makes every write
// beyond it fail with EFBIG, an I/O error to SQLite; then the limit is lifted. Prints what happened as JSON.
import { execFileSync } from "node:child_process";
import { aNonce, anInvocation, openStore, ref, sent } from "./stores.ts";

const limitFiles = (bytes: string): void =>
  void execFileSync("prlimit", ["--pid", String(process.pid), `--fsize=${bytes}:unlimited`]);
process.on("SIGXFSZ", () => undefined); // its default action ends the process

const [dir = ""] = process.argv.slice(2);
const store = await openStore({ dir });
await store.invocations.create(sent(anInvocation("1"), "mi-1"), aNonce());
const run = ref("1", "mi-1");
const piece = Buffer.alloc(64 * 1024, 7);

limitFiles("1000000");
let offset = 0;
let error = "";
while (error === "" && offset < 10_000_000) {
  try {
    offset = (await store.output.append(run, offset, piece)) ?? -1;
  } catch (thrown) {
    error = `${(thrown as Error).message}: ${((thrown as Error).cause as { code?: string }).code}`;
  }
}
const during = (await store.runs.find(run))?.outputBytes;
limitFiles("unlimited");
const after = await store.output.append(run, offset, piece);
await store.close();
process.stdout.write(JSON.stringify({ error, resolved: offset, during, after: after === offset + piece.length }));
