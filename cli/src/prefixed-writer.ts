/** Writes whole lines to standard output with the host's name before each; call it with an empty buffer to end the last one. */
export function prefixedWriter(name: string): (bytes: Buffer) => void {
  let rest = Buffer.alloc(0);
  return (bytes) => {
    let text = Buffer.concat([rest, bytes]);
    for (let at = text.indexOf(10); at >= 0; at = text.indexOf(10)) {
      process.stdout.write(Buffer.concat([Buffer.from(`${name} | `), text.subarray(0, at + 1)]));
      text = text.subarray(at + 1);
    }
    if (bytes.length === 0 && text.length > 0) {
      process.stdout.write(Buffer.concat([Buffer.from(`${name} | `), text, Buffer.from("\n")]));
      text = Buffer.alloc(0);
    }
    rest = text;
  };
}
