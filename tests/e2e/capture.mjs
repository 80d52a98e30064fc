// Listens in place of the service, to see a request as it comes over the wire.

import { createServer } from "node:http";
import { text } from "node:stream/consumers";

export async function capture(act) {
  let seen;
  const server = createServer(async (asked, answer) => {
    const { method, url, headers } = asked;
    seen = { method, url, headers, body: await text(asked) };
    answer.writeHead(200, { "content-type": "application/json", connection: "close" });
    answer.end("{}");
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  try {
    await act("127.0.0.1", server.address().port);
  } finally {
    server.closeAllConnections();
    server.close();
  }
  return seen;
}
