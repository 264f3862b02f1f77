import type { Suite } from "./bench.ts";
import { connections } from "./connections.ts";
import { controlPlane } from "./control-plane.ts";
import { host } from "./host.ts";
import { lists } from "./lists.ts";
import { memory } from "./memory.ts";
import { output } from "./output.ts";
import { start } from "./start.ts";

/** The budgets of DESIGN 10, in its order, then those of the issues. */
export const SUITES: readonly Suite[] = [controlPlane, start, host, connections, memory, output, lists];
