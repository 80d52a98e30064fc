// Measures the Worker's size and how long its requests take. Run `node measure.mjs` with the Worker
// running at ORIGIN (default http://127.0.0.1:8787) and its SESSION_SECRET in the environment.

import { createHmac } from "node:crypto";
import { readFileSync } from "node:fs";
import { Agent, request } from "node:http";
import { gzipSync } from "node:zlib";

const ORIGIN = process.env.ORIGIN ?? "http://127.0.0.1:8787";
const REQUESTS = 2_000;
const WARM_UP = 200;

const signature = createHmac("sha256", process.env.SESSION_SECRET).update("operator-7").digest("hex");
const cookie = `session=operator-7.${signature}`;
const offer = JSON.stringify({ id: 1, to: "streamer-9", amount_cents: 25_000 });
// Send one request after the other on a single connection.
const agent = new Agent({ keepAlive: true, maxSockets: 1 });

const wasm = readFileSync(new URL("build/index_bg.wasm", import.meta.url));
console.log(`wasm: ${wasm.length} bytes, ${gzipSync(wasm, { level: 9 }).length} with gzip`);
await measure("GET /nothing (404)", "GET", "/nothing", "", 404);
await measure("POST /pusher/auth", "POST", "/pusher/auth", "socket_id=1.2&channel_name=presence-lobby", 200);
await measure("POST /offers", "POST", "/offers", offer, 201);
agent.destroy();

async function measure(name, method, path, body, expected) {
  const times = [];
  for (let done = 0; done < WARM_UP + REQUESTS; done++) {
    const began = performance.now();
    const { status, text } = await send(method, path, body);
    times.push(performance.now() - began);
    if (status !== expected || text.includes('"notified":false')) {
      throw new Error(`${name}: ${status} ${text}`);
    }
  }
  const sorted = times.slice(WARM_UP).sort((a, b) => a - b);
  const at = (part) => sorted[Math.floor(part * sorted.length)].toFixed(2);
  console.log(`${name}: median ${at(0.5)} ms, 95 % within ${at(0.95)} ms`);
}

function send(method, path, body) {
  const type = body.startsWith("{") ? "application/json" : "application/x-www-form-urlencoded";
  const headers = { cookie, "content-type": type };
  return new Promise((resolve, reject) => {
    const sent = request(new URL(path, ORIGIN), { agent, method, headers });
    sent.on("error", reject);
    sent.on("response", async (response) => {
      const pieces = await response.toArray();
      resolve({ status: response.statusCode, text: Buffer.concat(pieces).toString() });
    });
    sent.end(body);
  });
}
