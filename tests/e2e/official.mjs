// The official Node server library, asked what it would sign, accept and send.

import Pusher from "pusher";
import { capture } from "./capture.mjs";
import { eachCommand, send } from "./lines.mjs";
import { Refusal, reply } from "./replies.js";

const commands = {
  signed_query({ method, path, params, body, timestamp, ...app }) {
    return at(timestamp, () => {
      return library(app).createSignedQueryString({ method, path, params, body });
    });
  },

  authorize_channel({ socket_id, channel, presence, ...app }) {
    return library(app).authorizeChannel(socket_id, channel, presence);
  },

  authenticate_user({ socket_id, user, ...app }) {
    return library(app).authenticateUser(socket_id, user);
  },

  webhook_valid({ headers, body, ...app }) {
    const webhook = library(app).webhook({ headers, rawBody: body });
    return { valid: webhook.isValid() };
  },

  captured({ call, ...given }) {
    const make = own(calls, call);
    return capture((host, port) => make(library(given, { host, port }), given));
  },

  async sent({ call, host, port, ...given }) {
    try {
      const answer = await own(calls, call)(library(given, { host, port }), given);
      return { status: answer.status, body: await answer.text() };
    } catch (error) {
      if (error.status === undefined) throw error;
      return { status: error.status, body: error.body };
    }
  },
};

const calls = {
  trigger: (pusher, { channels, event, data, params }) => {
    return pusher.trigger(channels, event, data, params);
  },
  trigger_batch: (pusher, { batch }) => pusher.triggerBatch(batch),
  get: (pusher, { path, params }) => pusher.get({ path, params }),
  send_to_user: (pusher, { user_id, event, data }) => pusher.sendToUser(user_id, event, data),
  terminate: (pusher, { user_id }) => pusher.terminateUserConnections(user_id),
};

function library({ app_id, key, secret, master_key }, options) {
  return new Pusher({
    appId: app_id,
    key,
    secret,
    ...(master_key && { encryptionMasterKeyBase64: master_key }),
    ...options,
  });
}

// The clock does not move while the library signs.
function at(timestamp, act) {
  const now = Date.now;
  Date.now = () => timestamp * 1000;
  try {
    return act();
  } finally {
    Date.now = now;
  }
}

function own(table, name) {
  if (!Object.hasOwn(table, name)) throw new Refusal("NoCommand", `there is no "${name}"`);
  return table[name];
}

async function perform({ id, do: name, ...given }) {
  send(await reply(id, (async () => own(commands, name)(given))()));
}

const answers = [];
await eachCommand((command) => answers.push(perform(command)));
await Promise.all(answers);
