// A person who uses the page in a separate browser context.

import assert from "node:assert/strict";

export async function signIn(browser, url, name) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  const page = await context.newPage();
  page.setDefaultTimeout(15_000);
  const person = new Person(context, page);
  await page.goto(url);
  await page.getByRole("button", { name, exact: true }).click();
  await person.isConnected();
  return person;
}

export class Person {
  /** The errors thrown in the page. */
  errors = [];
  /** The events received on the page's connections. */
  events = [];

  constructor(context, page) {
    this.context = context;
    this.page = page;
    page.on("pageerror", (error) => this.errors.push(error.message));
    page.on("websocket", (socket) =>
      socket.on("framereceived", ({ payload }) => this.events.push(JSON.parse(payload))));
  }

  isConnected() {
    return this.is("connected");
  }

  is(state) {
    return this.page.locator(`#connection[data-state=${state}]`).waitFor();
  }

  async says(text) {
    await this.page.getByLabel("Message", { exact: true }).fill(text);
    await this.page.keyboard.press("Enter");
  }

  message(text, state = "sent") {
    return this.page.locator(`#messages li[data-state=${state}]`, {
      has: this.page.locator(".text").getByText(text, { exact: true }),
    });
  }

  async sees(text, state) {
    const message = this.message(text, state);
    await message.first().waitFor();
    assert.equal(await message.count(), 1, `${text} is there more than once`);
    return message;
  }

  texts() {
    return this.page.locator("#messages .text").allTextContents();
  }

  /** Waits until a list or a line has the expected text. */
  async reads(selector, expected) {
    const read = ([selector, expected]) => {
      const texts = [...document.querySelectorAll(selector)].map((found) => found.textContent);
      return JSON.stringify(texts) === expected;
    };
    try {
      await this.page.waitForFunction(read, [selector, JSON.stringify(expected)]);
    } catch {
      assert.deepEqual(await this.page.locator(selector).allTextContents(), expected);
    }
  }

  /** Asserts that nothing is wider than the screen and no error was thrown; saves screenshots. */
  async looksAt(name) {
    for (const width of [1280, 390]) {
      await this.page.setViewportSize({ width, height: 800 });
      const overflow = await this.page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      assert.ok(overflow <= 0, `${name}: ${overflow} pixels wider than the screen`);
      for (const colorScheme of ["light", "dark"]) {
        await this.page.emulateMedia({ colorScheme });
        await this.page.screenshot({ path: `screenshots/${name}-${width}-${colorScheme}.png` });
      }
    }
    assert.deepEqual(this.errors, []);
  }
}
