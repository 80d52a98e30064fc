// Ada and Bob chat. Run it as `node people.mjs URL`. It fails on the first unexpected result.

import assert from "node:assert/strict";
import { chromium } from "playwright-core";
import { options } from "../../../tests/e2e/chromium-options.mjs";
import { signIn } from "./person.mjs";

const url = process.argv[2];
const browser = await chromium.launch(options);
const isPath = (path) => (asked) => new URL(asked).pathname === path;
const messages = isPath("/rooms/1/messages");

try {
  const ada = await signIn(browser, url, "Ada");
  const bob = await signIn(browser, url, "Bob");

  // Both are shown as members.
  await ada.reads("#members li", ["Ada (you)", "Bob"]);
  await bob.reads("#members li", ["Ada", "Bob (you)"]);

  // A message is shown immediately, and as sent when the server has it. Until then, the request
  // is held.
  let release;
  const held = new Promise((resolve) => (release = resolve));
  await ada.page.route(messages, async (route) => {
    if (route.request().method() === "POST") await held;
    await route.continue();
  });
  await ada.says("Hello Bob");
  await ada.sees("Hello Bob", "pending");
  assert.equal(await ada.page.locator("#text").inputValue(), "");
  assert.deepEqual(await bob.texts(), []);
  // A message that is written in the meantime waits its turn.
  await ada.says("Are you there?");
  await ada.sees("Are you there?", "pending");
  release();
  await ada.sees("Hello Bob");
  await ada.sees("Are you there?");
  await ada.page.unroute(messages);
  await bob.sees("Are you there?");
  assert.deepEqual(await bob.texts(), ["Hello Bob", "Are you there?"]);

  // Typing is shown until the message arrives, and the sender is excluded from the event.
  await bob.page.locator("#text").pressSequentially("Yes");
  await ada.reads("#typing", ["Bob is typing…"]);
  await bob.page.keyboard.press("Shift+Enter");
  await bob.page.keyboard.type("I am");
  await bob.page.keyboard.press("Enter");
  await ada.sees("Yes\nI am");
  await ada.reads("#typing", [""]);
  assert.deepEqual(await ada.texts(), ["Hello Bob", "Are you there?", "Yes\nI am"]);
  const told = ({ events }) => events.filter(({ event }) => event === "message").map(({ data }) => JSON.parse(data).text);
  assert.deepEqual(told(ada), ["Yes\nI am"]);
  assert.deepEqual(told(bob), ["Hello Bob", "Are you there?"]);

  // A message that cannot be sent stays, and can be sent again manually.
  await ada.page.route(messages, (route) => route.abort());
  await ada.says("Not yet");
  const failed = await ada.sees("Not yet", "failed");
  assert.match(await failed.locator(".state").textContent(), /^Not sent\. The server does not answer\./);
  await ada.page.unroute(messages);
  await failed.getByRole("button", { name: "Try again" }).press("Enter");
  await ada.sees("Not yet");
  assert.equal(await ada.page.evaluate(() => document.activeElement.id), "text");
  await bob.sees("Not yet");

  // A response is lost: the message was stored, and sending it again does not duplicate it.
  await ada.page.route(messages, async (route) => {
    await route.fetch();
    await route.abort();
  });
  await ada.says("Only once");
  const unanswered = await ada.sees("Only once", "failed");
  await bob.sees("Only once");
  await ada.page.unroute(messages);
  await unanswered.getByRole("button", { name: "Try again" }).click();
  await ada.sees("Only once");

  // An unsent message is still there when she returns to the room.
  await ada.page.route(messages, (route) => route.request().method() === "POST" ? route.abort() : route.continue());
  await ada.says("Kept");
  await ada.sees("Kept", "failed");
  await ada.page.getByRole("link", { name: "Launch" }).click();
  await ada.reads("#messages .text", []);
  await ada.page.unroute(messages);
  await ada.page.goBack();
  const kept = await ada.sees("Kept", "failed");
  await ada.sees("Only once");
  await kept.getByRole("button", { name: "Try again" }).click();
  await ada.sees("Kept");
  await bob.sees("Kept");

  // Markup stays text, also in the rendered page.
  const markup = `<img src=x onerror="document.title='owned'"><b>bold</b>`;
  await ada.says(markup);
  for (const person of [ada, bob]) {
    await person.sees(markup);
    assert.equal(await person.page.locator("#messages img, #messages .text b").count(), 0);
    assert.equal(await person.page.title(), "Chat");
  }
  // Messages that were sent or received twice are shown once, and in the same order.
  await bob.says("Good night");
  await ada.sees("Good night");
  await bob.sees("Good night");
  assert.deepEqual(await ada.texts(), await bob.texts());
  assert.equal(new Set(await bob.texts()).size, 8);

  // A room that is closed to Bob.
  const refused = Promise.all(["/pusher/auth", "/rooms/2/messages"].map((path) =>
    bob.page.waitForResponse((response) => isPath(path)(response.url()))));
  await bob.page.getByRole("link", { name: /Launch/ }).click();
  assert.deepEqual((await refused).map((response) => response.status()), [403, 403]);
  await bob.reads("#notice", ["You are not a member of “Launch”."]);
  await bob.reads("#messages .text", []);
  assert.ok(await bob.page.locator("#text").isDisabled());
  await ada.reads("#members li", ["Ada (you)"]);
  await bob.looksAt("no-member");

  // Bob goes back: the messages are still there, and he is shown as a member. Then he leaves for
  // good.
  await bob.page.goBack();
  await bob.sees("Good night");
  assert.deepEqual(await bob.texts(), await ada.texts());
  await ada.reads("#members li", ["Ada (you)", "Bob"]);

  // A session that the server did not create.
  const [cookie] = await bob.context.cookies();
  assert.deepEqual([cookie.httpOnly, cookie.sameSite], [true, "Lax"]);
  await bob.context.addCookies([{ ...cookie, value: "0".repeat(32) }]);
  const asked = (method, path) => bob.page.evaluate(
    ([method, path]) => fetch(path, { method }).then(({ status }) => status), [method, path]);
  assert.equal(await asked("GET", "/rooms/1/messages"), 401);
  assert.equal(await asked("POST", "/pusher/auth"), 401);
  await bob.says("I am somebody else");
  await bob.reads("#sign-in-said", ["Your session has ended."]);
  await ada.reads("#members li", ["Ada (you)"]);
  assert.ok(!(await ada.texts()).includes("I am somebody else"));

  await ada.page.getByRole("button", { name: "Sign out" }).click();
  await ada.page.locator("#sign-in").waitFor();
  await ada.page.reload();
  await ada.page.getByRole("button", { name: "Cleo" }).waitFor();
  await ada.looksAt("sign-in");
  for (const person of [ada, bob]) {
    assert.deepEqual(person.errors, []);
    await person.context.close();
  }

  await takePictures();
} finally {
  await browser.close();
}

async function takePictures() {
  const cleo = await signIn(browser, url, "Cleo");
  const bob = await signIn(browser, url, "Bob");
  await bob.says("How does it look?");
  await cleo.sees("How does it look?");
  await cleo.says("Calm. A long line goes on in the next one, and does not make the page any wider than it is.");
  await cleo.page.route(messages, (route) => route.abort());
  await cleo.says("This one fails");
  await cleo.sees("This one fails", "failed");
  await cleo.page.unroute(messages);
  await cleo.page.route(messages, () => {});
  await cleo.says("This one is on its way");
  await cleo.sees("This one is on its way", "pending");
  await bob.page.locator("#text").pressSequentially("W");
  await cleo.reads("#typing", ["Bob is typing…"]);
  await cleo.looksAt("room");
  // A user who sees the newest message still sees it above an on-screen keyboard.
  await cleo.page.setViewportSize({ width: 390, height: 480 });
  const isAbove = () => {
    const { bottom } = document.querySelector("#messages li:last-child").getBoundingClientRect();
    return bottom <= document.querySelector("#typing").getBoundingClientRect().top;
  };
  // Shorter than the page's timeout for the pending message, which would show the message again.
  await cleo.page.waitForFunction(isAbove, null, { timeout: 5000 });
}
