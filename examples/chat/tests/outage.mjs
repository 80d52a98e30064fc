// The service fails, stops and starts again. Run it as `node outage.mjs URL`. The caller must
// execute the commands written to the standard output, such as "stop" and "start", and reply with
// a line.

import assert from "node:assert/strict";
import { createInterface } from "node:readline";
import { chromium } from "playwright-core";
import { options } from "../../../tests/e2e/chromium-options.mjs";
import { signIn } from "./person.mjs";

const answers = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
async function service(command) {
  process.stdout.write(`${command}\n`);
  assert.deepEqual(await answers.next(), { value: "done", done: false });
}

const browser = await chromium.launch(options);
try {
  const ada = await signIn(browser, process.argv[2], "Ada");
  const bob = await signIn(browser, process.argv[2], "Bob");
  await ada.says("before");
  await bob.sees("before");

  // The service rejects an event: the next event shows that a message is missing.
  await service("fail next");
  await ada.says("untold");
  await ada.sees("untold");
  await service("has failed");
  assert.deepEqual(await bob.texts(), ["before"]);
  await ada.says("told");
  await bob.sees("told");
  await bob.sees("untold");
  assert.deepEqual(await bob.texts(), ["before", "untold", "told"]);

  await service("stop");
  await bob.is("unavailable");
  await bob.reads("#members li", []);
  await bob.looksAt("unavailable");
  // Without the service, messages are stored, but Bob is not notified.
  await ada.says("missed 1");
  await ada.says("missed 2");
  await ada.sees("missed 2");
  assert.deepEqual(await bob.texts(), ["before", "untold", "told"]);

  await service("start");
  await bob.isConnected();
  await bob.sees("missed 2");
  assert.deepEqual(await bob.texts(), ["before", "untold", "told", "missed 1", "missed 2"]);
  await bob.reads("#members li", ["Ada", "Bob (you)"]);
  await ada.reads("#members li", ["Ada (you)", "Bob"]);

  // Everything works again.
  await bob.says("after");
  await ada.sees("after");
  assert.deepEqual(await ada.texts(), ["before", "untold", "told", "missed 1", "missed 2", "after"]);
  assert.deepEqual([...ada.errors, ...bob.errors], []);
} finally {
  await browser.close();
  process.stdin.destroy();
}
