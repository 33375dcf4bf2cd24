/**
 * The start screen.
 * @module
 */

import { byId } from "./elements.js";
import { describeName } from "./words.js";

/** One name for all games. */
const REMEMBERED = "drumline.name";

export class StartScreen {
  #screen = byId("start");
  #error = byId("error");
  #play = /** @type {HTMLButtonElement} */ (byId("play"));
  #name = /** @type {HTMLInputElement} */ (byId("name"));

  /** @param {(name: string) => void} onPlay Called with a name to play under. */
  constructor(onPlay) {
    this.#name.value = recall();
    byId("join").addEventListener("submit", (event) => {
      event.preventDefault();
      const name = this.#name.value.trim();
      const wrong = describeName(name);
      if (wrong === null) {
        remember(name);
        onPlay(name);
      } else {
        this.show(wrong);
      }
    });
  }

  /** @param {string} name */
  setName(name) {
    this.#name.value = name;
  }

  /** @param {string} [error] What went wrong before. */
  show(error) {
    this.#screen.hidden = false;
    this.#play.disabled = false;
    this.#play.textContent = "Play";
    this.#error.textContent = error ?? "";
    this.#name.setAttribute("aria-invalid", String(error !== undefined));
    this.#name.focus();
  }

  /** Shows that a room is being joined. */
  wait() {
    this.#play.disabled = true;
    this.#play.textContent = "Joining…";
    this.#error.textContent = "";
  }

  hide() {
    // A field that keeps the focus keeps a phone's keyboard open.
    this.#name.blur();
    this.#screen.hidden = true;
  }
}

function recall() {
  try {
    return localStorage.getItem(REMEMBERED) ?? "";
  } catch {
    // Storage can be forbidden; the name is typed again then.
    return "";
  }
}

/** @param {string} name */
function remember(name) {
  try {
    localStorage.setItem(REMEMBERED, name);
  } catch {
    // As above.
  }
}
