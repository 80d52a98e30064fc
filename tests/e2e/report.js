// Everything a client is told goes out in the order in which it was told.

import { describeError, describeMembers } from "./replies.js";

export function reportClient({ connection, user }, from, emit) {
  const tell = (channel, event, data) => emit({ from, channel, event, data: data ?? null });

  connection.bind("state_change", (change) => tell(null, "state_change", change));
  connection.bind("error", (error) => tell(null, "pusher:error", describeError(error)));
  user.bind_global((event, data) => tell(user.serverToUserChannel?.name ?? null, event, data));
  user.watchlist.bind_global((event, data) => tell(null, event, data));
  // Servers that send watchlist events bare, as Sockudo does, are not understood by pusher-js.
  connection.bind("message", ({ event, channel, data }) => {
    if (!channel && !event.startsWith("pusher")) tell(null, event, data);
  });
}

export function reportChannel(channel, from, emit) {
  const known = new Set();
  let arrived;

  // A global callback is given every name and its data, but not who sent it; a callback bound to
  // the name is, and one bound here is still called for the event that is being delivered.
  channel.bind_global((event, data) => {
    arrived = data;
    if (known.has(event)) return;
    known.add(event);
    channel.bind(event, (_, metadata) => {
      const message = { from, channel: channel.name, event, data: plain(event, arrived) };
      if (metadata?.user_id !== undefined) message.user_id = metadata.user_id;
      emit(message);
    });
  });
}

function plain(event, data) {
  const isMembers = event === "pusher:subscription_succeeded" && data?.members !== undefined;
  return isMembers ? describeMembers(data) : (data ?? null);
}
