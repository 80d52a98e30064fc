// Elements are made of text and other elements, never of markup: what somebody writes stays text.

export function element(name, { class: className = "", ...properties } = {}, ...content) {
  const made = document.createElement(name);
  made.className = className;
  Object.assign(made, properties);
  made.append(...content);
  return made;
}
