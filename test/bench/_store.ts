// @ts-nocheck
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { openStore, anInvocation, aNonce, sent, ref, exited, NOW_MS } from "../support/stores.ts";
import { randomBytes } from "node:crypto";
const dir = mkdtempSync("/tmp/_store-");
const store = await openStore({ dir });
const hex = () => randomBytes(10).toString("hex");
const loop = async (h, n) => { for (let i=0;i<n;i++) {
  const id = Date.now().toString(36)+hex();
  const inst = `mi-${h}`;
  await store.invocations.create(sent(anInvocation(id,{commandId:`c-${Date.now().toString(36)}${hex()}`}), inst), aNonce({nonce:hex()}));
  const r = ref(id, inst);
  await Promise.all([store.runs.markTaken(r, NOW_MS), store.runs.apply(r,{type:"started",atMs:NOW_MS}), store.output.append(r,0,Buffer.alloc(256,65))]);
  await store.runs.apply(r, exited(0), 256);
} };
const all = (n) => Promise.all(Array.from({length:32},(_,h)=>loop(h,n)));
await all(50);
for (let r=0;r<5;r++){ const w0=statSync(dir+"/control-plane.db-wal").size; const c=process.cpuUsage(); const t=performance.now(); await all(50); const d=process.cpuUsage(c); const w1=statSync(dir+"/control-plane.db-wal").size;
console.log("cpu us/op", ((d.user+d.system)/1600).toFixed(1), "sys", (d.system/1600).toFixed(1), "ops/s", (1600/(performance.now()-t)*1000).toFixed(0), "wal pages/op", ((w1-w0)/4120/1600).toFixed(2), globalThis.flushes!==undefined?`flushes/op ${(globalThis.flushes/1600).toFixed(3)}`:""); globalThis.flushes=0; }
await store.close(); rmSync(dir,{recursive:true});
