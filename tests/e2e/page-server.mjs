// Page and auth server share one origin, as they do behind a real site's front door: no CORS, and
// requests that carry what a browser itself sends.

import { createReadStream } from "node:fs";
import { createServer, request } from "node:http";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";

const HERE = new URL("./", import.meta.url);
const PUSHER_JS = createRequire(import.meta.url).resolve(
  "pusher-js/dist/web/pusher-with-encryption.js",
);
const SCRIPT = "text/javascript; charset=utf-8";

const FILES = new Map([
  ["/", { file: local("page.html"), type: "text/html; charset=utf-8" }],
  ["/pusher-with-encryption.js", { file: PUSHER_JS, type: SCRIPT }],
  ...["session.js", "outcomes.js", "replies.js", "report.js"].map((name) => [
    `/${name}`,
    { file: local(name), type: SCRIPT },
  ]),
]);

export async function startPageServer({ authOrigin }) {
  const server = createServer((asked, answer) => {
    const { pathname } = new URL(asked.url, "http://127.0.0.1");
    if (pathname.startsWith("/pusher/")) return forward(asked, answer, authOrigin);
    const found = FILES.get(pathname);
    if (!found) return answer.writeHead(404).end();
    answer.writeHead(200, { "content-type": found.type });
    createReadStream(found.file).pipe(answer);
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));

  return {
    origin: `http://127.0.0.1:${server.address().port}`,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}

function forward(asked, answer, origin) {
  const { hostname, port, host } = new URL(origin);
  const forwarded = request({
    hostname,
    port,
    method: asked.method,
    path: asked.url,
    headers: { ...asked.headers, host },
  });
  forwarded.on("response", (response) => {
    answer.writeHead(response.statusCode, response.headers);
    response.pipe(answer);
  });
  forwarded.on("error", (error) => {
    if (answer.headersSent) answer.destroy();
    else answer.writeHead(502).end(String(error));
  });
  asked.pipe(forwarded);
}

function local(name) {
  return fileURLToPath(new URL(name, HERE));
}
