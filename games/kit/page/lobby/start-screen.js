/**
 * The start screen: the player's name, a button to play at once, and the lobby.
 * @module
 */

import { byId, make, write } from "../ui/elements.js";
import { Lobby } from "./lobby.js";
import { describeName, describeRefusal, secondsToWait } from "../ui/error-texts.js";

/** @typedef {import("./lobby.js").RoomKinds} RoomKinds */
/** @typedef {import("./lobby.js").RoomChoice} RoomChoice */

/** The key of the name in local storage; all games share it. */
const NAME_KEY = "drumline.name";

export class StartScreen {
  #screen = byId("start");
  #error = byId("error");
  #play = /** @type {HTMLButtonElement} */ (byId("play"));
  #name = /** @type {HTMLInputElement} */ (byId("name"));
  #invited = byId("invited");
  #roomName = make("b");
  #lobby;
  #onPlay;
  /** @type {RoomChoice} The room that the Play button joins: any room, unless the page's address names one. */
  #choice = {};
  /** @type {number | undefined} */
  #countdown;

  /**
   * @param {string} game
   * @param {RoomKinds} kinds
   * @param {(name: string, choice: RoomChoice) => void} onPlay
   */
  constructor(game, kinds, onPlay) {
    this.#onPlay = onPlay;
    this.#name.value = loadName();
    this.#lobby = new Lobby(game, kinds, (choice) => this.#submit(choice));
    byId("join").addEventListener("submit", (event) => {
      event.preventDefault();
      this.#submit(this.#choice);
    });
    const anyRoom = make("button", { type: "button", class: "link" }, "Join any room instead");
    anyRoom.addEventListener("click", () => {
      this.choose({});
      this.#play.focus();
    });
    this.#invited.append("Your link leads to ", this.#roomName, ". ", anyRoom);
  }

  /** The player's name as it is in the field. */
  get name() {
    return this.#name.value.trim();
  }

  /** @param {string} name */
  setName(name) {
    this.#name.value = name;
  }

  /**
   * Sets the room that the Play button joins.
   * @param {RoomChoice} choice
   */
  choose(choice) {
    this.#choice = choice;
    const { room, code } = choice;
    write(this.#roomName, code === undefined ? `room ${room}` : `the private room ${code}`);
    this.#invited.hidden = room === undefined && code === undefined;
    write(this.#play, this.#invited.hidden ? "Play" : "Join");
  }

  /** @param {unknown} [error] The reason why the last attempt to join failed. */
  show(error) {
    this.#screen.hidden = false;
    this.#reset();
    this.#showError(error === undefined ? "" : describeRefusal(error), secondsToWait(error));
    this.#lobby.show();
    if (error === undefined) this.#name.focus();
  }

  /** Shows that a room is being joined. */
  showJoining() {
    this.#screen.setAttribute("aria-busy", "true");
    this.#play.disabled = true;
    write(this.#play, "Joining…");
    this.#showError("");
  }

  hide() {
    // A focused field would keep a phone's keyboard open.
    if (document.activeElement instanceof HTMLElement) document.activeElement.blur();
    this.#lobby.hide();
    this.#showError("");
    this.#screen.hidden = true;
  }

  #reset() {
    this.#screen.removeAttribute("aria-busy");
    this.#play.disabled = false;
    this.choose(this.#choice);
  }

  /** @param {RoomChoice} choice */
  #submit(choice) {
    if (this.#play.disabled) return;
    const name = this.#name.value.trim();
    const problem = describeName(name);
    this.#name.setAttribute("aria-invalid", String(problem !== null));
    if (problem === null) {
      saveName(name);
      this.#onPlay(name, choice);
    } else {
      this.#showError(problem);
      this.#name.focus();
    }
  }

  /**
   * @param {string} text
   * @param {number} [seconds] The countdown until the next attempt is allowed. It is hidden from screen readers, which would
   *   read out every second.
   */
  #showError(text, seconds = 0) {
    clearInterval(this.#countdown);
    const left = make("span", { "aria-hidden": "true" });
    this.#error.replaceChildren(text, left);
    this.#error.classList.toggle("said", text !== "");
    if (text !== "") this.#error.scrollIntoView({ block: "nearest" });
    if (seconds === 0) return;
    const endsAt = performance.now() + seconds * 1000;
    const tick = () => {
      const rest = Math.ceil((endsAt - performance.now()) / 1000);
      if (rest > 0) write(left, ` (${rest} s)`);
      else this.#showError("You can try again now.");
    };
    tick();
    this.#countdown = setInterval(tick, 250);
  }
}

function loadName() {
  try {
    return localStorage.getItem(NAME_KEY) ?? "";
  } catch {
    // Storage may be blocked. The player then types the name again.
    return "";
  }
}

/** @param {string} name */
function saveName(name) {
  try {
    localStorage.setItem(NAME_KEY, name);
  } catch {
    // Storage may be blocked, as above.
  }
}
