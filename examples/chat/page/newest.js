// Keeps the newest message in view for whoever has it in view: when another comes, and when the
// window becomes smaller, such as by a keyboard on the screen.

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
