import type { RunKey } from "@cloud-assistant/shared/vocabulary";

export function runName({ invokeId, iteration }: RunKey): string {
  return `${invokeId}.${iteration}`;
}

export function toRunKey(name: string): RunKey {
  const dot = name.lastIndexOf(".");
  return { invokeId: name.slice(0, dot), iteration: Number(name.slice(dot + 1)) };
}
