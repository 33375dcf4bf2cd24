/**
 * The buttons for a turn and for emotes, and their keys.
 * @module
 */

import { byId, make, write } from "/kit/ui/elements.js";
import { EMOTES } from "../game/texts.js";

/** @typedef {import("../game/world.js").Emote} Emote */
/** @typedef {import("../game/world.js").Phase} Phase */
/** @typedef {import("../game/world.js").Press} Press */

/** @type {Readonly<Record<string, Press>>} */
const KEYS = { KeyD: "draw", KeyU: "undo", KeyE: "end_turn", Digit1: "hello", Digit2: "nice", Digit3: "oops", Digit4: "hurry" };

export class Actions {
  #draw = /** @type {HTMLButtonElement} */ (byId("draw"));
  #undo = /** @type {HTMLButtonElement} */ (byId("undo"));
  #end = /** @type {HTMLButtonElement} */ (byId("end"));
  #endText = byId("end-text");
  #stack = /** @type {HTMLButtonElement} */ (byId("pile"));
  #onPress;

  /** @param {(press: Press) => void} onPress */
  constructor(onPress) {
    this.#onPress = onPress;
    this.#draw.addEventListener("click", () => onPress("draw"));
    this.#stack.addEventListener("click", () => onPress("draw"));
    this.#undo.addEventListener("click", () => onPress("undo"));
    this.#end.addEventListener("click", () => onPress("end_turn"));
    for (const [emote, text] of Object.entries(EMOTES)) {
      const press = /** @type {Press} */ (emote.toLowerCase());
      const button = make("button", { type: "button", class: "emote" }, text);
      button.addEventListener("click", () => onPress(press));
      byId("emotes").append(button);
    }
  }

  /**
   * Presses what a key stands for. Returns true if it stands for anything.
   * @param {string} code
   */
  key(code) {
    const press = KEYS[code];
    if (press) this.#onPress(press);
    return press !== undefined;
  }

  /**
   * @param {Phase} phase
   * @param {boolean} isOwn True on the own turn.
   */
  update(phase, isOwn) {
    const [turn, laid] = [isOwn && phase.type === "Turn", isOwn && phase.type === "Laid"];
    const drew = phase.type === "Turn" && phase.drew;
    this.#draw.disabled = this.#stack.disabled = !turn || drew;
    this.#undo.disabled = !laid;
    this.#end.disabled = !laid && !(turn && drew);
    write(this.#endText, turn && drew ? "Pass" : "End turn");
  }
}
