/**
 * Asks for the suit that an eight names.
 * @module
 */

import { byId, make } from "/kit/ui/elements.js";
import { suitIcon } from "../drawing/suits.js";
import { SUITS, isRed } from "../game/cards.js";

/** @typedef {import("../game/world.js").Suit} Suit */

export class SuitChooser {
  #dialog = /** @type {HTMLDialogElement} */ (byId("suits"));
  /** @type {(suit: Suit) => void} */
  #onChoose = () => {};

  constructor() {
    const buttons = SUITS.map((suit) => {
      const colour = isRed(suit) ? "red" : "black";
      const button = make("button", { type: "button", class: colour }, suitIcon(suit), make("span", {}, suit));
      button.addEventListener("click", () => {
        this.#dialog.close();
        this.#onChoose(suit);
      });
      return button;
    });
    const cancel = make("button", { type: "button", class: "plain" }, "Cancel");
    cancel.addEventListener("click", () => this.#dialog.close());
    this.#dialog.append(make("div", { class: "choices" }, ...buttons), cancel);
    this.#dialog.addEventListener("click", (event) => event.target === this.#dialog && this.#dialog.close());
  }

  /**
   * Opens the dialog.
   * @param {(suit: Suit) => void} onChoose
   */
  ask(onChoose) {
    this.#onChoose = onChoose;
    this.#dialog.showModal();
  }

  close() {
    this.#dialog.close();
  }

  get isOpen() {
    return this.#dialog.open;
  }
}
