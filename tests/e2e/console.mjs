// The quickstart's page as a person uses it: `node console.mjs URL [FOLDER]`. It fails on the first
// thing that is not there; screenshots of all widths go into the folder, if one is given.

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

  // By keyboard only: from the channel's field on, to the event and the data, and sent.
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
  // The event can arrive before the response to its call.
  await page.locator("#said").filter({ hasText: /^accepted$/ }).waitFor();

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

  // Where Alt makes another letter of P.
  const altP = { key: "π", code: "KeyP", altKey: true };
  await page.locator("body").dispatchEvent("keydown", altP);
  await page.locator("#pause[aria-pressed=true]").waitFor();
  await page.locator("body").dispatchEvent("keydown", altP);
  await page.locator("#pause[aria-pressed=false]").waitFor();

  // The list goes on while one of its buttons has the keyboard's focus, and keeps it there.
  const leave = (channel) => page.getByRole("button", { name: `Leave ${channel}`, exact: true });
  const focused = () => page.evaluate(() => document.activeElement.getAttribute("aria-label"));
  await leave("presence-room-1").focus();
  await page.evaluate(() => { wanted.add("added-meanwhile"); subscribe("added-meanwhile"); });
  await leave("added-meanwhile").waitFor();
  assert.equal(await focused(), "Leave presence-room-1");
  await page.keyboard.press("Enter");
  await leave("presence-room-1").waitFor({ state: "hidden" });
  assert.equal(await focused(), "Leave private-room-1");
  // One's own channels come first, so the row below it has moved up by now.
  await page.evaluate(() => refresh());
  await page.waitForFunction(() => !refreshing);
  assert.equal(await focused(), "Leave private-room-1");
  const { height } = await leave("quickstart").boundingBox();
  assert.ok(height >= 24, `a button of ${height} pixels`);

  // A rejected subscription is not asked for again.
  for (const channel of ["no spaces", "private-no spaces"]) {
    await page.locator("#add input").fill(channel);
    await page.keyboard.press("Enter");
    await page.waitForFunction((name) => !wanted.has(name), channel);
  }

  // However often the state is asked for, it is one call after the other.
  let calls = 0;
  page.on("request", (request) => { calls += request.url().endsWith("/state"); });
  await page.evaluate(async () => { for (let i = 0; i < 50; i++) refresh(); });
  await page.waitForFunction(() => !refreshing);
  assert.ok(calls <= 4, `${calls} calls`);

  const crowd = (await open({ viewport: { width: 390, height: 844 } })).page;
  await crowd.evaluate(() => {
    for (let i = 0; i < 62; i++) { wanted.add(`a-room-${i}`); subscribe(`a-room-${i}`); }
  });
  await page.locator("#more", { hasText: "and 12 more" }).waitFor();
  await leave("quickstart").waitFor();
  await crowd.close();
  await page.locator("#more", { hasText: "more" }).waitFor({ state: "hidden" });

  // Without the console there is somebody to say so.
  await page.route("**/trigger", (route) => route.abort());
  await page.locator("#trigger-form button").click();
  await page.locator("#said.bad", { hasText: "does not answer" }).waitFor();
  await page.unroute("**/trigger");
  assert.deepEqual(errors, []);

  for (const width of [390, 640, 800, 1024, 1280]) {
    for (const colorScheme of ["light", "dark"]) {
      const name = `${width}-${colorScheme}`;
      const { page, errors } = await open({ viewport: { width, height: 800 }, colorScheme });
      await page.locator("#add input").fill("presence-a-room-with-a-long-name-for-its-members");
      await page.keyboard.press("Enter");
      await page.locator("#trigger-form [name=event]").fill("an-event.with-a-name");
      await page.locator("#trigger-form button").click();
      await row(page, "an-event").first().waitFor();
      await page.locator("#channel-list li", { hasText: "long-name" }).first().waitFor();
      await row(page, "tick").first().waitFor();
      const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      assert.ok(overflow <= 0, `${name}: ${overflow} pixels wider than the screen`);
      const data = await row(page, "tick").first().locator("pre").boundingBox();
      assert.ok(data.width >= 180, `${name}: ${data.width} pixels for an event's data`);
      if (folder) await page.screenshot({ path: `${folder}/console-${name}.png`, fullPage: true });
      assert.deepEqual(errors, []);
      await page.close();
    }
  }
} finally {
  await browser.close();
}
