// Keeps the newest message in view if it is in view: when another message arrives, and when the
// window becomes smaller, such as when an on-screen keyboard opens.

const NEAR_PX = 80;

export class Newest {
  #isInView = true;
  #scroll;

  constructor(scroll, content) {
    this.#scroll = scroll;
    scroll.addEventListener("scroll", () => {
      this.#isInView = scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight < NEAR_PX;
    });
    const observer = new ResizeObserver(() => this.#isInView && this.show());
    observer.observe(scroll);
    observer.observe(content);
  }

  show() {
    this.#isInView = true;
    this.#scroll.scrollTop = this.#scroll.scrollHeight;
  }
}
