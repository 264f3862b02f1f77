// A daemon that never gets through its start or its close, as argv[2] says.
import { runDaemon } from "cloud-assistant/daemon";

const never = new Promise<never>(() => setInterval(() => undefined, 1_000));

await runDaemon(process, {
  start: async () => {
    console.log("started");
    if (process.argv[2] === "never starts") await never;
    return {
      close: async () => {
        console.log("closing");
        await never;
      },
    };
  },
});
