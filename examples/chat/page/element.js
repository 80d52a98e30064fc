// Elements are built from text and other elements, never from markup, so user input stays text.

export function element(name, { class: className = "", ...properties } = {}, ...content) {
  const made = document.createElement(name);
  made.className = className;
  Object.assign(made, properties);
  made.append(...content);
  return made;
}
