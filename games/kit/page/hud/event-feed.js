/**
 * Recent game events, as lines that disappear after a few seconds.
 * @module
 */

import { byId } from "../ui/elements.js";

const MAX_LINES = 5;
/** Matches the fade-out of `#feed li` in the style sheet. */
const LINE_MS = 6000;

export class EventFeed {
  #feed = byId("feed");

  clear() {
    this.#feed.replaceChildren();
  }

  /**
   * @param {string} kind The event's type, for the style sheet.
   * @param {string} text
   */
  add(kind, text) {
    const line = document.createElement("li");
    line.textContent = text;
    line.dataset.kind = kind;
    this.#feed.append(line);
    while (this.#feed.children.length > MAX_LINES) this.#feed.firstElementChild?.remove();
    setTimeout(() => line.remove(), LINE_MS);
  }
}
