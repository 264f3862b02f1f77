// The floor for the agent's memory: a Node process that does nothing.
setInterval(() => undefined, 1 << 30);
