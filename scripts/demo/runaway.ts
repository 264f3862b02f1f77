import { readdirSync, readFileSync } from "node:fs";

/** A line that makes all that a script starts from there on findable. */
export function markedBy(marker: string): string {
  return `export CLOUD_ASSISTANT_DEMO=${marker}`;
}

/** Starts children that fork, leave its session, and ignore SIGTERM; each has `marker` in its environment. */
export function runawayScript(marker: string): string {
  return `${markedBy(marker)}
trap '' TERM
(trap '' TERM; while :; do sleep 60; done) &
setsid sh -c 'trap "" TERM; sleep 600 & while :; do sleep 60; done' &
(setsid sh -c 'trap "" TERM; while :; do sleep 60; done' &) &
echo "started a tree that ignores SIGTERM and leaves its session"
while :; do sleep 60; done
`;
}

/** Processes of this machine that carry the marker now. */
export function findMarked(marker: string): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name) && isMarked(name, marker))
    .map(Number);
}

function isMarked(pid: string, marker: string): boolean {
  try {
    return readFileSync(`/proc/${pid}/environ`, "utf8").includes(`CLOUD_ASSISTANT_DEMO=${marker}`);
  } catch {
    return false; // it has just ended, or belongs to somebody else
  }
}
