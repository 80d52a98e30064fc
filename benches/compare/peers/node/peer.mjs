// The official Node library, taking its turns: see src/children.rs.
import { readFileSync } from "node:fs";
import http from "node:http";
import { createInterface } from "node:readline";
import Pusher from "pusher";

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const next = async () => {
  const { done, value } = await lines.next();
  if (done) process.exit(0);
  return JSON.parse(value);
};
const say = (answer) => process.stdout.write(JSON.stringify(answer) + "\n");

const given = await next();
const pusher = new Pusher({
  appId: given.app_id,
  key: given.key,
  secret: given.secret,
  host: given.host,
  port: given.port,
  useTLS: false,
  // Without one, each call closes its connection.
  agent: new http.Agent({ keepAlive: true }),
});
const headers = {
  "content-type": "application/json",
  "x-pusher-key": given.key,
  "x-pusher-signature": given.webhook.signature,
};

// The connection is free when the response has ended.
const answered = async (call) => {
  const response = await call;
  const body = await response.text();
  if (body !== "{}") throw new Error(`the answer is ${body}`);
};
const trigger = () => answered(pusher.trigger(given.channel, given.event, given.offer));
const batch = () => {
  const event = (channel) => ({ channel, name: given.event, data: given.offer });
  return answered(pusher.triggerBatch(given.channels.map(event)));
};
const once = {
  trigger,
  large: () => answered(pusher.trigger(given.channels, given.event, given.catalogue)),
  batch,
};

// As many at once as there are lanes.
async function inLanes(lanes, times, call) {
  let left = times;
  const lane = async () => {
    while (left > 0) {
      left -= 1;
      await call();
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
}

const tokens = {
  private_token: () => pusher.authorizeChannel(given.socket_id, given.private_channel),
  presence_token: () =>
    pusher.authorizeChannel(given.socket_id, given.presence_channel, given.member),
  webhook: () => {
    const webhook = pusher.webhook({ headers, rawBody: given.webhook.body });
    if (!webhook.isValid()) throw new Error("it refuses the webhook");
    return webhook.getEvents();
  },
};

async function run(work, times) {
  if (work in tokens) {
    for (let i = 0; i < times; i += 1) tokens[work]();
  } else if (work in once) {
    for (let i = 0; i < times; i += 1) await once[work]();
  } else if (work === "at_once") {
    const { at_once: many } = given;
    for (let i = 0; i < times; i += many) await inLanes(many, many, trigger);
  } else {
    await inLanes(given.bulk_in_flight, times, batch);
  }
}

async function timed({ work, warm_up, times }) {
  await run(work, warm_up);
  const cpuBefore = process.cpuUsage();
  const before = process.hrtime.bigint();
  await run(work, times);
  const wall = Number(process.hrtime.bigint() - before);
  const cpu = process.cpuUsage(cpuBefore);
  return { wall, cpu: (cpu.user + cpu.system) * 1000 };
}

const { version } = JSON.parse(readFileSync(new URL("node_modules/pusher/package.json", import.meta.url)));
say({ done: `pusher ${version}, Node ${process.versions.node}` });
for (;;) {
  const question = await next();
  try {
    say({ done: "sample" in question ? tokens[question.sample]() : await timed(question) });
  } catch (error) {
    say({ failed: String(error.message ?? error) + (error.body ? `: ${error.body}` : "") });
  }
}
