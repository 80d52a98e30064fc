// The messages of a room: each once and in order, regardless of how it arrived.

import { element } from "./element.js";
import { Newest } from "./newest.js";

const list = document.querySelector("#messages");
const newest = new Newest(document.querySelector("#scroll"), list);

export class Timeline {
  /** No message up to this ID is missing; null before anything was loaded. */
  upTo = null;
  #entries = [];
  #me;
  #retry;

  constructor(me, retry) {
    this.#me = me;
    this.#retry = retry;
    list.replaceChildren();
  }

  /** Adds the messages that the database has after `upTo`. */
  addListed(messages) {
    for (const message of messages) this.#put(message);
    if (this.upTo === null) newest.show();
    this.upTo = messages.at(-1)?.id ?? this.upTo ?? 0;
  }

  /** Adds one message; returns whether the message before it is here too. */
  add(message) {
    this.#put(message);
    const follows = this.upTo !== null && (message.previous ?? 0) <= this.upTo;
    if (follows) this.upTo = Math.max(this.upTo, message.id);
    return follows;
  }

  /** Shows a message as being sent; a message that has failed becomes pending again. */
  addPending(clientId, text) {
    const entry = this.#find({ user_id: this.#me.id, client_id: clientId });
    if (entry) return this.#show(entry, "pending");
    const { id, name } = this.#me;
    const message = { id: null, client_id: clientId, user_id: id, name, text, sent_at_ms: Date.now() };
    this.#insert(message, "pending");
    newest.show();
  }

  fail(clientId, words) {
    const entry = this.#find({ user_id: this.#me.id, client_id: clientId });
    // The message may have arrived in another way in the meantime: by event or from the database.
    if (entry?.message.id === null) this.#show(entry, "failed", words);
  }

  #find({ user_id, client_id }) {
    return this.#entries.find(
      ({ message }) => message.client_id === client_id && message.user_id === user_id,
    );
  }

  #put(message) {
    const known = this.#find(message);
    if (!known) return this.#insert(message, "sent");
    if (known.message.id !== null) return;
    known.message = message;
    this.#show(known, "sent");
    this.#place(known);
  }

  #insert(message, state) {
    const isOwn = message.user_id === this.#me.id;
    const entry = { message, item: element("li", { class: isOwn ? "own" : "" }) };
    entry.item.dataset.user = message.user_id;
    this.#show(entry, state);
    this.#place(entry);
  }

  /** Messages without an ID are still being sent, and stay at the end. */
  #place(entry) {
    const order = ({ message }) => message.id ?? Infinity;
    const others = this.#entries.filter((other) => other !== entry);
    const found = others.findIndex((other) => order(other) > order(entry));
    const at = found < 0 ? others.length : found;
    const before = others[at]?.item ?? null;
    others.splice(at, 0, entry);
    this.#entries = others;
    // Do not touch a message that is in place, or a screen reader would read it again.
    if (!entry.item.isConnected || entry.item.nextElementSibling !== before) {
      list.insertBefore(entry.item, before);
    }
    for (const { item } of this.#entries) {
      item.classList.toggle("follows", item.previousElementSibling?.dataset.user === item.dataset.user);
    }
  }

  #show({ message, item }, state, words = "") {
    item.dataset.state = state;
    const sentAt = new Date(message.sent_at_ms);
    const time = element("time", { dateTime: sentAt.toISOString() }, clock(sentAt));
    const said = element("p", { class: "state" });
    if (state === "pending") said.append("sending…");
    if (state === "failed") {
      const retry = element("button", { class: "quiet" }, "Try again");
      retry.addEventListener("click", () => {
        document.querySelector("#text").focus(); // The button disappears and would lose the focus.
        this.#retry(message.client_id, message.text);
      });
      said.append(`Not sent. ${words} `, retry);
    }
    const who = element("p", { class: "who" }, element("b", {}, message.name), " ", time);
    item.replaceChildren(who, element("p", { class: "text" }, message.text), said);
  }
}

const clock = (date) => date.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
