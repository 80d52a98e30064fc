// pusher-js reports what became of a request by events, some of which name no request: here each
// request gets one outcome, and a deadline, since a silent server must fail the test that asked.

import { describeError, describeMembers, Refusal } from "./replies.js";

const DEADLINE_MS = 10_000;

export function connected(pusher) {
  const { connection } = pusher;
  let cause;
  return settled((resolve, reject) => {
    connection.bind("connected", ({ socket_id }) => resolve({ socket_id }));
    connection.bind("error", (error) => (cause = describeError(error)));
    // Only now has pusher-js given up: after any other error it tries again by itself.
    for (const end of ["disconnected", "failed"]) {
      connection.bind(end, () => reject(cause ?? { type: "Closed", error: end }));
    }
  }).catch((refusal) => {
    pusher.disconnect();
    refusal.code ??= cause?.code;
    throw refusal;
  });
}

export function joining(pusher, channel, attempts) {
  if (channel.subscribed) return joined(channel);

  const { connection } = pusher;
  const attempt = { channel: channel.name };
  attempts.add(attempt);
  let release;

  return settled((resolve, reject) => {
    const succeeded = () => resolve(joined(channel));
    const errored = (error) => {
      const cause = describeError(error);
      if (blamed(attempts, cause) === attempt) reject(cause);
    };
    channel.bind("pusher:subscription_succeeded", succeeded);
    channel.bind("pusher:subscription_error", reject);
    connection.bind("error", errored);
    release = () => {
      channel.unbind("pusher:subscription_succeeded", succeeded);
      channel.unbind("pusher:subscription_error", reject);
      connection.unbind("error", errored);
      attempts.delete(attempt);
    };
  })
    .catch((refusal) => {
      // pusher-js goes on waiting for a subscription that the server rejected, and would never
      // ask for it again.
      channel.subscriptionPending = false;
      pusher.unsubscribe(channel.name);
      throw refusal;
    })
    .finally(() => release());
}

export function signedIn(pusher) {
  const { connection, user } = pusher;
  if (user.user_data) return { user_data: user.user_data };

  return settled((resolve, reject) => {
    user.bind("pusher:signin_error", reject);
    connection.bind("error", (error) => reject(describeError(error)));
    connection.bind("message", ({ event }) => {
      if (event !== "pusher:signin_success") return;
      const channel = user.serverToUserChannel;
      if (!channel) {
        reject({ type: "SigninError", error: "the user data carries no usable id" });
        return;
      }
      // What is sent to the user before this channel is subscribed would be lost.
      channel.bind("pusher:subscription_succeeded", () => resolve({ user_data: user.user_data }));
    });
    pusher.signin();
  });
}

function joined(channel) {
  return channel.members ? describeMembers(channel.members) : {};
}

// The protocol's own error names no channel; its text may.
function blamed(attempts, { error }) {
  const all = [...attempts];
  return all.find(({ channel }) => String(error).includes(channel)) ?? all[0];
}

function settled(begin) {
  let timer;
  return new Promise((resolve, reject) => {
    const refuse = (cause) => reject(new Refusal(cause.type, cause.error, cause));
    timer = setTimeout(() => {
      refuse({ type: "Deadline", error: `no answer within ${DEADLINE_MS} ms` });
    }, DEADLINE_MS);
    begin(resolve, refuse);
  }).finally(() => clearTimeout(timer));
}
