import Pusher from "pusher-js";
import { reply } from "./replies.js";
import { createSession } from "./session.js";

// Node has no cookies: where a browser would add them, a test names them as a header.
const { createXHR } = Pusher.Runtime;
Pusher.Runtime.createXHR = function () {
  const xhr = createXHR.call(this);
  xhr.setDisableHeaderCheck(true);
  return xhr;
};

export function startNodePeer({ authOrigin, send }) {
  const session = createSession(Pusher, (message) => send({ emit: message }));

  return {
    async take(command) {
      send(await reply(command.id, perform(command)));
    },
    close: session.close,
  };

  async function perform(command) {
    return session.handle(absolute(command, authOrigin));
  }
}

// Without a page there is no origin for a path to belong to.
function absolute(command, origin) {
  if (!command.auth) return command;
  const auth = { ...command.auth };
  for (const endpoint of ["channel_endpoint", "user_endpoint"]) {
    if (auth[endpoint]) auth[endpoint] = new URL(auth[endpoint], origin).href;
  }
  return { ...command, auth };
}
