// Who is typing: client events from page to page, which our server does not see.

const EVENT = "client-typing";
/** The minimum interval: the service accepts 10 client events per second from a connection. */
const TELL_MS = 2000;
/** A user without a typing event for this long has stopped. */
const FORGET_MS = 4000;

export class Typing {
  #channel;
  #told = -Infinity;
  #timers = new Map();
  #line = document.querySelector("#typing");

  constructor(channel) {
    this.#channel = channel;
    // The service sets the user ID, so a page cannot impersonate another user.
    channel.bind(EVENT, (_, { user_id }) => this.#heard(String(user_id)));
    this.#show();
  }

  typed() {
    const now = performance.now();
    if (!this.#channel.subscribed || now - this.#told < TELL_MS) return;
    this.#told = now;
    this.#channel.trigger(EVENT, {});
  }

  /** Typing after a sent message is announced immediately. */
  sent() {
    this.#told = -Infinity;
  }

  #heard(id) {
    clearTimeout(this.#timers.get(id));
    this.#timers.set(id, setTimeout(() => this.stopped(id), FORGET_MS));
    this.#show();
  }

  stopped(id) {
    clearTimeout(this.#timers.get(String(id)));
    this.#timers.delete(String(id));
    this.#show();
  }

  /** A user who has left is no longer typing. */
  keep(ids) {
    for (const id of this.#timers.keys()) if (!ids.includes(id)) this.stopped(id);
  }

  close() {
    this.keep([]);
  }

  #show() {
    const members = [...this.#timers.keys()].map((id) => this.#channel.members.get(id));
    const names = members.filter(Boolean).map(({ info }) => info.name);
    const list = new Intl.ListFormat("en").format(names);
    this.#line.textContent = names.length ? `${list} ${names.length > 1 ? "are" : "is"} typing…` : "";
  }
}
