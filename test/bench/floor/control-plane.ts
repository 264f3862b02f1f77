// The floor for the control plane: the least code that takes a signed call, stores an invocation and its runs, pushes the
// tasks over WebSockets, stores start, output and end of each in group commits, and answers when all are stored. None of
// the product's promises (proof, signed orders, acknowledgements, idempotence, replay protection). Run as a child process.
import { createHmac, timingSafeEqual } from "node:crypto";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import Database from "better-sqlite3";
import { WebSocketServer, type WebSocket } from "ws";

const SECRET = "floor";
const db = new Database(process.argv[2] ?? ":memory:");
db.pragma("journal_mode = WAL");
db.pragma("synchronous = FULL");
db.pragma("wal_autocheckpoint = 4000");
db.exec(`CREATE TABLE inv(id INTEGER PRIMARY KEY, content TEXT, created INTEGER);
CREATE TABLE task(inv INTEGER, inst INTEGER, status TEXT, code INTEGER, started INTEGER, ended INTEGER, PRIMARY KEY(inv, inst)) WITHOUT ROWID;
CREATE TABLE outp(inv INTEGER, inst INTEGER, seq INTEGER, data BLOB, PRIMARY KEY(inv, inst, seq)) WITHOUT ROWID;`);
const insertInvocation = db.prepare("INSERT INTO inv VALUES (?, ?, ?)");
const insertTask = db.prepare("INSERT INTO task VALUES (?, ?, 'Pending', NULL, NULL, NULL)");
const markStarted = db.prepare("UPDATE task SET status = 'Running', started = ? WHERE inv = ? AND inst = ?");
const insertOutput = db.prepare("INSERT INTO outp VALUES (?, ?, ?, ?)");
const markEnded = db.prepare("UPDATE task SET status = ?, code = ?, ended = ? WHERE inv = ? AND inst = ?");
const begin = db.prepare("BEGIN");
const commit = db.prepare("COMMIT");

type Write = { run: () => void; done?: () => void };
let queue: Write[] = [];
let scheduled = false;
let flushedAt = 0;
function write(entry: Write): void {
  queue.push(entry);
  if (scheduled) return;
  scheduled = true;
  if (performance.now() - flushedAt > 2) setImmediate(flush);
  else setTimeout(flush, 1);
}
function flush(): void {
  scheduled = false;
  const batch = queue;
  queue = [];
  begin.run();
  for (const entry of batch) entry.run();
  commit.run();
  flushedAt = performance.now();
  for (const entry of batch) entry.done?.();
}

const agents = new Map<number, WebSocket>();
const open = new Map<number, { left: number; answer: ServerResponse }>();
let lastId = 0;

const http = createServer((request, answer) => {
  const chunks: Buffer[] = [];
  request.on("data", (chunk: Buffer) => chunks.push(chunk));
  request.on("end", () => {
    const body = Buffer.concat(chunks);
    const signature = createHmac("sha256", SECRET).update(body).digest();
    const given = Buffer.from(String(request.headers["x-signature"]), "hex");
    if (given.length !== 32 || !timingSafeEqual(signature, given)) return void answer.writeHead(403).end();
    const form = new URLSearchParams(body.toString());
    const content = form.get("content") ?? "";
    const instances = (form.get("instances") ?? "").split(",").map(Number);
    const id = ++lastId;
    open.set(id, { left: instances.length, answer });
    write({
      run: () => {
        insertInvocation.run(id, content, Date.now());
        for (const instance of instances) insertTask.run(id, instance);
      },
      done: () => {
        const task = JSON.stringify({ type: "task", id, content });
        for (const instance of instances) agents.get(instance)?.send(task);
      },
    });
  });
});

const sockets = new WebSocketServer({ server: http, perMessageDeflate: false, clientTracking: false });
sockets.on("connection", (socket, request) => {
  const instance = Number(request.url?.slice(1));
  agents.set(instance, socket);
  socket.on("message", (data: Buffer) => {
    const frame = JSON.parse(data.toString()) as { type: string; id: number; data?: string; code?: number };
    if (frame.type === "start") write({ run: () => markStarted.run(Date.now(), frame.id, instance) });
    else if (frame.type === "out")
      write({ run: () => insertOutput.run(frame.id, instance, 0, Buffer.from(frame.data ?? "", "base64")) });
    else
      write({
        run: () => markEnded.run("Success", frame.code, Date.now(), frame.id, instance),
        done: () => ended(frame.id),
      });
  });
});
function ended(id: number): void {
  const invocation = open.get(id);
  if (!invocation || --invocation.left > 0) return;
  open.delete(id);
  invocation.answer.end(`{"InvokeId":${id}}`);
}

http.listen(0, "127.0.0.1", () => process.send?.({ port: (http.address() as AddressInfo).port }));
process.on("disconnect", () => process.exit(0));
