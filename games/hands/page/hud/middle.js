/**
 * The middle of the table: the pile, the cards that were laid, and the suit that is asked for.
 * @module
 */

import { byId, make, write } from "/kit/ui/elements.js";
import { faceDown, faceUp } from "../drawing/cards.js";
import { suitIcon } from "../drawing/suits.js";
import { isRed, isWild, keyOf } from "../game/cards.js";
import { nameOnSeat } from "../game/players.js";

/** @typedef {import("../game/world.js").World} World */

/** Backs that stand for a pile of any height. */
const STACK = 3;
/** A card's turn on the table, by its place in the pile: nobody lays cards straight. In degrees. */
const TURNS = [-7, 4, -2, 8, -5, 2, 6];

export class MiddleOfTable {
  #stack = byId("stack");
  #left = byId("left");
  #laid = byId("laid");
  #by = byId("by");
  #asked = byId("asked");
  /** The cards that are shown. */
  #shown = "";

  clear() {
    this.#shown = "";
    this.#laid.replaceChildren();
  }

  /** @param {World} world */
  update(world) {
    const { middle } = world;
    const { pile, discarded, top, suit } = middle;
    write(this.#left, pile === 1 ? "1 card" : `${pile} cards`);
    const height = Math.min(pile, STACK);
    while (this.#stack.children.length > height) this.#stack.lastElementChild?.remove();
    while (this.#stack.children.length < height) this.#stack.append(faceDown());
    const last = top.at(-1);
    const name = last && nameOnSeat(world, last.by);
    write(this.#by, name === undefined ? "" : `laid by ${name}`);
    // A suit that the top card does not show: an eight has named it.
    const asked = last && isWild(last.card) ? suit : null;
    this.#asked.hidden = asked === null;
    const shown = `${top.map(({ card }) => keyOf(card))} ${discarded} ${asked}`;
    if (shown === this.#shown) return;
    this.#shown = shown;
    const cards = top.map(({ card }, index) => {
      const face = faceUp(card);
      const place = discarded - top.length + index;
      face.style.setProperty("--turn", `${TURNS[place % TURNS.length]}deg`);
      return face;
    });
    this.#laid.replaceChildren(...cards);
    if (asked) {
      this.#asked.className = isRed(asked) ? "red" : "black";
      this.#asked.replaceChildren("Asks for ", make("b", {}, asked.toLowerCase()), " ", suitIcon(asked));
    }
  }
}
