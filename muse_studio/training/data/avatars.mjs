// Reads one JSON object a line, {"style": ..., "options": {...}}, and writes one JSON string a line: the avatar's SVG.
// Run in a folder whose node_modules holds @dicebear/core and the styles.
import { createInterface } from "node:readline";
import { createAvatar } from "@dicebear/core";

const styles = new Map();
for await (const line of createInterface({ input: process.stdin })) {
  const { style, options } = JSON.parse(line);
  if (!styles.has(style)) styles.set(style, await import(`@dicebear/${style}`));
  console.log(JSON.stringify(createAvatar(styles.get(style), options).toString()));
}
