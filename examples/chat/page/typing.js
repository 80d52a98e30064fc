// Who is typing: events from page to page, which no server of ours sees.

const EVENT = "client-typing";
/** Told at most so often: the service takes 10 client events of a connection in a second. */
const TELL_MS = 2000;
/** Somebody who is not heard of for so long has stopped. */
const FORGET_MS = 4000;

export class Typing {
  #channel;
  #told = -Infinity;
  #timers = new Map();
  #line = document.querySelector("#typing");

  constructor(channel) {
    this.#channel = channel;
    // The service says whose event it is: a page can't speak for somebody else.
    channel.bind(EVENT, (_, { user_id }) => this.#heard(String(user_id)));
    this.#show();
  }

  typed() {
    const now = performance.now();
    if (!this.#channel.subscribed || now - this.#told < TELL_MS) return;
    this.#told = now;
    this.#channel.trigger(EVENT, {});
  }

  /** What is typed after a message was sent is told at once. */
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

  /** Whoever has left types no more. */
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
