import { launch } from "./chromium.mjs";
import { startPageServer } from "./page-server.mjs";

export async function startChromiumPeer({ authOrigin, send }) {
  const server = await startPageServer({ authOrigin });
  const browser = await launch();
  let closing = false;
  browser.on("disconnected", () => {
    if (!closing) process.exit(1);
  });

  const page = await browser.newPage();
  page.on("console", (message) => console.error(`page: ${message.text()}`));
  page.on("pageerror", (error) => console.error(`page: ${error}`));
  // Replies leave the page by the same way as events, so that their order is kept.
  await page.exposeFunction("send", send);
  await page.goto(server.origin);
  await page.waitForFunction(() => typeof window.take === "function");

  return {
    take(command) {
      page.evaluate((given) => void window.take(given), command).catch(console.error);
    },
    async close() {
      closing = true;
      await browser.close();
      server.close();
    },
  };
}
