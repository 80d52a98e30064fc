// The quickstart's page as a person uses it: `node console.mjs URL [FOLDER]`. It fails on the first
// thing that is not there; screenshots go into the folder, if one is given.

import assert from "node:assert/strict";
import { launch } from "./chromium.mjs";

const [url, folder] = process.argv.slice(2);
const browser = await launch();

async function open(options) {
  const page = await (await browser.newContext(options)).newPage();
  page.setDefaultTimeout(10_000);
  const errors = [];
  page.on("pageerror", (error) => errors.push(error.message));
  await page.goto(url);
  await page.locator("#status[data-state=connected]").waitFor();
  return { page, errors };
}

const row = (page, event) => page.locator("#stream li:visible", { hasText: event });

try {
  const { page, errors } = await open({ viewport: { width: 1280, height: 800 }, colorScheme: "light" });
  await row(page, "tick").first().waitFor();

  // By keyboard alone: from the channel's field on, to the event and the data, and sent.
  await page.locator("#trigger-form [name=channel]").focus();
  await page.keyboard.press("Tab");
  await page.keyboard.press("ControlOrMeta+A");
  await page.keyboard.type("greeting");
  await page.keyboard.press("Tab");
  await page.keyboard.press("ControlOrMeta+A");
  await page.keyboard.type('{"from":"the form"}');
  await page.keyboard.press("Tab");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  const greeting = row(page, "greeting").first();
  await greeting.waitFor();
  assert.equal(await greeting.locator(".channel").textContent(), "quickstart");
  assert.equal(await greeting.locator("pre").textContent(), '{"from":"the form"}');
  assert.equal(await page.locator("#said").textContent(), "accepted");

  // Left out, the page does not get its own event; the next one shows that it would have come.
  await page.locator("[name=exclude]").check();
  await page.locator("#trigger-form [name=event]").fill("excluded");
  await page.locator("#trigger-form button").click();
  await page.locator("[name=exclude]").uncheck();
  await page.locator("#trigger-form [name=event]").fill("included");
  await page.locator("#trigger-form button").click();
  await row(page, "included").first().waitFor();
  assert.equal(await row(page, "excluded").count(), 0);

  await page.locator("#trigger-form [name=channel]").fill("no spaces");
  await page.locator("#trigger-form button").click();
  await page.locator("#said.bad").waitFor();
  assert.match(await page.locator("#said").textContent(), /invalid channel name/);
  await page.locator("#trigger-form [name=channel]").fill("quickstart");

  for (const channel of ["private-room-1", "presence-room-1", "cache-room-1"]) {
    await page.locator("#add input").fill(channel);
    await page.keyboard.press("Enter");
    await page.locator("#channel-list li", { hasText: channel }).first().waitFor();
  }
  const room = page.locator("#channel-list > li", { hasText: "presence-room-1" });
  assert.match(await room.textContent(), /1 user/);
  assert.match(await room.textContent(), /console /);

  await page.locator("body").click({ position: { x: 2, y: 2 } });
  await page.keyboard.press("/");
  await page.keyboard.type("greeting");
  assert.equal(await page.locator("#stream li:visible").count(), await row(page, "greeting").count());
  await page.locator("#filter").fill("");

  await page.locator("#pause").click();
  const shown = await page.locator("#stream li").count();
  await page.locator("#pause", { hasText: "Resume (" }).waitFor();
  assert.equal(await page.locator("#stream li").count(), shown);
  await page.locator("#pause").click();
  await page.waitForFunction((count) => document.querySelectorAll("#stream li").length > count, shown);

  if (folder) await page.screenshot({ path: `${folder}/console-light.png` });
  assert.deepEqual(errors, []);

  for (const [name, options] of [
    ["dark", { viewport: { width: 1280, height: 800 }, colorScheme: "dark" }],
    ["phone", { viewport: { width: 390, height: 844 }, colorScheme: "light" }],
    ["phone-dark", { viewport: { width: 390, height: 844 }, colorScheme: "dark" }],
  ]) {
    const { page, errors } = await open(options);
    await row(page, "tick").first().waitFor();
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    assert.ok(overflow <= 0, `${name}: ${overflow} pixels wider than the screen`);
    if (folder) await page.screenshot({ path: `${folder}/console-${name}.png`, fullPage: true });
    assert.deepEqual(errors, []);
  }
} finally {
  await browser.close();
}
