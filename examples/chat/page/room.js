// One open room: its messages, its present members, and who is typing.

import { element } from "./element.js";
import * as server from "./server.js";
import { Timeline } from "./timeline.js";
import { Typing } from "./typing.js";

const TRY_AGAIN_MS = 3000;

export class Room {
  #room;
  #pusher;
  #channel;
  #timeline;
  #typing;
  #unsent;
  #onNoSession;
  #isClosed = false;
  #isSyncing = false;
  #isBehind = false;
  #sending = Promise.resolve();
  #members = document.querySelector("#members");
  #notice = document.querySelector("#notice");
  #nobody = document.querySelector("#nobody");

  /** `unsent` maps IDs to the messages of all rooms that were not sent. It outlives the room. */
  constructor(room, me, pusher, unsent, onNoSession) {
    this.#room = room;
    this.#pusher = pusher;
    this.#unsent = unsent;
    this.#onNoSession = onNoSession;
    this.#timeline = new Timeline(me, (clientId, text) => this.send(text, clientId));
    this.#say("");
    this.#subscribe();
    for (const [clientId, { roomId, text }] of unsent) {
      if (roomId !== room.id) continue;
      this.#timeline.addPending(clientId, text);
      this.#timeline.fail(clientId, "");
    }
    // Do not wait for the connection: the history is available without it.
    this.#sync();
  }

  close() {
    this.#isClosed = true;
    this.#typing.close();
    this.#pusher.connection.unbind("state_change", this.#showMembers);
    this.#channel.unbind_all();
    this.#pusher.unsubscribe(this.#channel.name);
  }

  #subscribe() {
    const channel = this.#pusher.subscribe(`presence-room-${this.#room.id}`);
    this.#channel = channel;
    this.#typing = new Typing(channel);
    channel.bind("message", (message) => this.#take(message));
    // This also runs after every reconnect: messages that were missed are in the database.
    channel.bind("pusher:subscription_succeeded", () => {
      this.#showMembers();
      this.#sync();
    });
    channel.bind("pusher:subscription_error", (error) => {
      this.#refused(error.status, () => this.#pusher.subscribe(channel.name));
    });
    channel.bind("pusher:member_added", this.#showMembers);
    channel.bind("pusher:member_removed", this.#showMembers);
    this.#pusher.connection.bind("state_change", this.#showMembers);
    this.#showMembers();
  }

  /** Loads missing messages; loads again if another message arrived in the meantime. */
  async #sync() {
    this.#isBehind = true;
    if (this.#isSyncing) return;
    this.#isSyncing = true;
    try {
      while (this.#isBehind) {
        this.#isBehind = false;
        const listed = await server.messages(this.#room.id, this.#timeline.upTo);
        if (this.#isClosed) return;
        this.#timeline.addListed(listed.messages);
        this.#isBehind ||= listed.more;
      }
      this.#say("");
    } catch (error) {
      this.#refused(error.status, () => this.#sync());
    } finally {
      this.#isSyncing = false;
    }
  }

  #take(message) {
    this.#typing.stopped(message.user_id);
    if (!this.#timeline.add(message)) this.#sync();
  }

  typed() {
    this.#typing.typed();
  }

  /** Shows the message immediately. Messages are sent one after the other to keep their order. */
  send(text, clientId = crypto.randomUUID()) {
    this.#unsent.set(clientId, { roomId: this.#room.id, text });
    this.#timeline.addPending(clientId, text);
    this.#typing.sent();
    this.#sending = this.#sending.then(async () => {
      try {
        const { socket_id } = this.#pusher.connection;
        const message = await server.send(this.#room.id, clientId, text, socket_id);
        this.#unsent.delete(clientId);
        if (!this.#isClosed) this.#take(message);
      } catch (error) {
        if (this.#isClosed) return;
        if (error.status === 401) return this.#onNoSession();
        const words = error instanceof server.Refused ? error.message : "The server does not answer.";
        this.#timeline.fail(clientId, words);
      }
    });
  }

  #refused(status, tryAgain) {
    if (this.#isClosed) return;
    if (status === 401) return this.#onNoSession();
    if (status === 403) return this.#say(`You are not a member of “${this.#room.name}”.`, true);
    this.#say("The server does not answer. Trying again…");
    setTimeout(() => this.#isClosed || tryAgain(), TRY_AGAIN_MS);
  }

  #say(words, isShut = false) {
    this.#notice.textContent = words;
    document.querySelector("#composer fieldset").disabled = isShut;
    if (isShut) this.#nobody.textContent = "Members only.";
  }

  #showMembers = () => {
    // Without a connection, the present members are not known.
    const isConnected = this.#pusher.connection.state === "connected";
    const members = [];
    if (isConnected) this.#channel.members.each((member) => members.push(member));
    members.sort((one, other) => one.info.name.localeCompare(other.info.name));
    const mine = this.#channel.members.myID;
    this.#members.replaceChildren(
      ...members.map(({ id, info }) => element("li", {}, info.name, id === mine ? " (you)" : "")),
    );
    this.#nobody.textContent = isConnected ? "" : "Not known without a connection.";
    this.#typing.keep(members.map(({ id }) => id));
  };
}
