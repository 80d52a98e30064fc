// One JSON value a line. Standard output belongs to the protocol only, even if a library prints.

import { createInterface } from "node:readline";
import { reply } from "./replies.js";

console.log = console.info = console.debug = console.error;

export function send(message) {
  process.stdout.write(`${JSON.stringify(message)}\n`);
}

// Commands are not awaited: one that waits for an event must not hold up the one that causes it.
export async function eachCommand(take) {
  for await (const line of createInterface({ input: process.stdin })) {
    if (line.trim() === "") continue;
    try {
      take(JSON.parse(line));
    } catch (error) {
      send(await reply(null, Promise.reject(error)));
    }
  }
}
