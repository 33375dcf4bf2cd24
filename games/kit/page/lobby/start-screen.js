/**
 * The start screen: a name, a way to play at once, and the lobby.
 * @module
 */

import { byId, make, write } from "../ui/elements.js";
import { Lobby } from "./lobby.js";
import { describeName, describeRefusal, secondsToWait } from "../ui/error-texts.js";

/** @typedef {import("./lobby.js").RoomKinds} RoomKinds */
/** @typedef {import("./lobby.js").Wish} Wish */

/** One name for all games. */
const REMEMBERED = "drumline.name";

export class StartScreen {
  #screen = byId("start");
  #error = byId("error");
  #play = /** @type {HTMLButtonElement} */ (byId("play"));
  #name = /** @type {HTMLInputElement} */ (byId("name"));
  #invited = byId("invited");
  #wanted = make("b");
  #lobby;
  #onPlay;
  /** @type {Wish} What the button that plays at once is for: any room, unless a link says another. */
  #wish = {};
  /** @type {number | undefined} */
  #countdown;

  /**
   * @param {string} game
   * @param {RoomKinds} kinds
   * @param {(name: string, wish: Wish) => void} onPlay
   */
  constructor(game, kinds, onPlay) {
    this.#onPlay = onPlay;
    this.#name.value = recall();
    this.#lobby = new Lobby(game, kinds, (wish) => this.#submit(wish));
    byId("join").addEventListener("submit", (event) => {
      event.preventDefault();
      this.#submit(this.#wish);
    });
    const other = make("button", { type: "button", class: "link" }, "any other");
    other.addEventListener("click", () => {
      this.want({});
      this.#play.focus();
    });
    this.#invited.append("You have a link to ", this.#wanted, ". Rather ", other, "?");
  }

  /** @param {string} name */
  setName(name) {
    this.#name.value = name;
  }

  /**
   * Has the button that plays at once lead to a certain room.
   * @param {Wish} wish
   */
  want(wish) {
    this.#wish = wish;
    const { room, code } = wish;
    write(this.#wanted, code === undefined ? `room ${room}` : `the private room ${code}`);
    this.#invited.hidden = room === undefined && code === undefined;
    write(this.#play, this.#invited.hidden ? "Play" : "Join");
  }

  /** @param {unknown} [error] What went wrong before. */
  show(error) {
    this.#screen.hidden = false;
    this.#rest();
    this.#say(error === undefined ? "" : describeRefusal(error), secondsToWait(error));
    this.#lobby.show();
    if (error === undefined) this.#name.focus();
  }

  /** Shows that a room is being joined. */
  wait() {
    this.#screen.setAttribute("aria-busy", "true");
    this.#play.disabled = true;
    write(this.#play, "Joining…");
    this.#say("");
  }

  hide() {
    // A field that keeps the focus keeps a phone's keyboard open.
    if (document.activeElement instanceof HTMLElement) document.activeElement.blur();
    this.#lobby.hide();
    this.#say("");
    this.#screen.hidden = true;
  }

  #rest() {
    this.#screen.removeAttribute("aria-busy");
    this.#play.disabled = false;
    this.want(this.#wish);
  }

  /** @param {Wish} wish */
  #submit(wish) {
    if (this.#play.disabled) return;
    const name = this.#name.value.trim();
    const wrong = describeName(name);
    this.#name.setAttribute("aria-invalid", String(wrong !== null));
    if (wrong === null) {
      remember(name);
      this.#onPlay(name, wish);
    } else {
      this.#say(wrong);
      this.#name.focus();
    }
  }

  /**
   * @param {string} words
   * @param {number} [seconds] To be counted down. They are for eyes alone: a reader would read each.
   */
  #say(words, seconds = 0) {
    clearInterval(this.#countdown);
    const left = make("span", { "aria-hidden": "true" });
    this.#error.replaceChildren(words, left);
    this.#error.classList.toggle("said", words !== "");
    if (words !== "") this.#error.scrollIntoView({ block: "nearest" });
    if (seconds === 0) return;
    const endsAt = performance.now() + seconds * 1000;
    const tick = () => {
      const rest = Math.ceil((endsAt - performance.now()) / 1000);
      if (rest > 0) write(left, ` (${rest} s)`);
      else this.#say("You can try again now.");
    };
    tick();
    this.#countdown = setInterval(tick, 250);
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
