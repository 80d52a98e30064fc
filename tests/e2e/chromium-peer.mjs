import { chromium } from "playwright-core";
import { startPageServer } from "./page-server.mjs";

const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  // Nothing but this machine may be reached, even by a page that is misled.
  "--no-proxy-server",
  "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
];

export async function startChromiumPeer({ authOrigin, send }) {
  const server = await startPageServer({ authOrigin });
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    headless: true,
    args: FLAGS,
  });
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
