// The floor for the agent's memory: a Node process that does nothing. Run as a child process.
setInterval(() => undefined, 1 << 30);
process.send?.("ready");
process.on("disconnect", () => process.exit(0));
