// What is triggered is only proven by what a real subscriber receives: this is the subscriber.

import { parseArgs } from "node:util";
import { startChromiumPeer } from "./chromium-peer.mjs";
import { eachCommand, send } from "./lines.mjs";
import { startNodePeer } from "./node-peer.mjs";

const peers = { node: startNodePeer, chromium: startChromiumPeer };

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { "auth-origin": { type: "string" } },
});
const start = peers[positionals[0]];
if (!start || !values["auth-origin"]) {
  console.error("usage: node peer.mjs (node | chromium) --auth-origin ORIGIN");
  process.exit(2);
}

const peer = await start({ authOrigin: values["auth-origin"], send });
await eachCommand(peer.take);
await peer.close();
process.exit(0);
