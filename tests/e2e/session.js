// Runs unchanged in Node and in a page, so it takes the Pusher constructor and the way out as
// arguments and touches neither a module system nor a global of either world.

import { connected, joining, signedIn } from "./outcomes.js";
import { Refusal } from "./replies.js";
import { reportChannel, reportClient } from "./report.js";

const OVER = ["disconnected", "failed"];

export function createSession(Pusher, emit) {
  const clients = new Map();

  function client(name) {
    const found = clients.get(name);
    if (!found) throw new Refusal("NoClient", `no client "${name}" was connected`);
    return found;
  }

  function subscribed(command) {
    const channel = client(command.client).pusher.channel(command.channel);
    if (!channel) throw new Refusal("NoChannel", `"${command.channel}" is not subscribed`);
    return channel;
  }

  const commands = {
    connect(command) {
      const previous = clients.get(command.client)?.pusher.connection.state;
      if (previous && !OVER.includes(previous)) {
        throw new Refusal("ClientExists", `client "${command.client}" is ${previous} already`);
      }
      const pusher = new Pusher(command.key, options(command));
      clients.set(command.client, { pusher, attempts: new Set(), reported: new WeakSet() });
      reportClient(pusher, command.client, emit);
      return connected(pusher);
    },

    subscribe(command) {
      const { pusher, attempts, reported } = client(command.client);
      const channel = pusher.subscribe(command.channel);
      if (!reported.has(channel)) {
        reported.add(channel);
        reportChannel(channel, command.client, emit);
      }
      return joining(pusher, channel, attempts);
    },

    disconnect(command) {
      client(command.client).pusher.disconnect();
      return {};
    },

    client_event(command) {
      return { sent: subscribed(command).trigger(command.event, command.data) };
    },

    signin(command) {
      return signedIn(client(command.client).pusher);
    },

    state(command) {
      const { connection } = client(command.client).pusher;
      const { state, socket_id } = connection;
      return { state, socket_id: state === "connected" ? socket_id : null };
    },
  };

  return {
    async handle(command) {
      if (!Object.hasOwn(commands, command.do)) {
        throw new Refusal("NoCommand", `there is no command "${command.do}"`);
      }
      return commands[command.do](command);
    },

    close() {
      for (const { pusher } of clients.values()) pusher.disconnect();
    },
  };
}

function options({ host, port, auth = {} }) {
  const { transport = "ajax", headers, params } = auth;
  const shared = { transport, headers, params };
  return {
    cluster: "mt1",
    wsHost: host,
    wsPort: port,
    forceTLS: false,
    enabledTransports: ["ws"],
    enableStats: false,
    channelAuthorization: { ...shared, endpoint: auth.channel_endpoint },
    userAuthentication: { ...shared, endpoint: auth.user_endpoint },
  };
}
