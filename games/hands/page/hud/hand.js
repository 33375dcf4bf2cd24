/**
 * The own cards. A tap, a click or Enter lays one; the arrow keys go from card to card.
 * @module
 */

import { byId, make } from "/kit/ui/elements.js";
import { cardButton } from "../drawing/cards.js";
import { fits, keyOf, nameOf, sorted } from "../game/cards.js";

/** @typedef {import("../game/world.js").Card} Card */
/** @typedef {import("../game/world.js").World} World */
/** @typedef {{ card: Card, button: HTMLButtonElement, item: HTMLLIElement }} Held */

export class Hand {
  #list = byId("hand");
  #onPlay;
  /** @type {Map<string, Held>} By the key of the card, in the order of the hand. */
  #held = new Map();

  /** @param {(card: Card) => void} onPlay */
  constructor(onPlay) {
    this.#onPlay = onPlay;
    this.#list.addEventListener("keydown", (event) => this.#onKey(event));
  }

  clear() {
    this.#held.clear();
    this.#list.replaceChildren();
  }

  /**
   * @param {World} world
   * @param {number} own
   */
  update({ seats, middle }, own) {
    const cards = sorted(seats.find(({ player }) => player === own)?.hand ?? []);
    this.#place(cards);
    const { phase } = middle;
    const isTurn = phase.type === "Turn" && phase.player === own;
    for (const { card, button } of this.#held.values()) {
      const lays = isTurn && fits(card, middle);
      button.classList.toggle("fits", lays);
      button.classList.toggle("rests", isTurn && !lays);
      button.setAttribute("aria-label", lays ? `Lay the ${nameOf(card)}` : nameOf(card));
    }
  }

  /**
   * Shakes a card that was refused.
   * @param {Card} card
   */
  shake(card) {
    const steps = [0, -6, 6, -4, 4, 0].map((x) => ({ transform: `translateX(${x}px)` }));
    this.#held.get(keyOf(card))?.button.animate(steps, { duration: 320 });
  }

  /** Gives the focus to the first card that can be laid, or to any. */
  focus() {
    const all = this.#buttons();
    (all.find((button) => button.classList.contains("fits")) ?? all[0])?.focus();
  }

  /**
   * Shows these cards. Cards that stay keep their elements, and with them the focus.
   * @param {Card[]} cards
   */
  #place(cards) {
    const keys = cards.map(keyOf);
    if (keys.join() === [...this.#held.keys()].join()) return;
    const focused = [...this.#held.values()].findIndex(({ button }) => button === document.activeElement);
    const before = this.#held;
    this.#held = new Map(cards.map((card, index) => [keys[index], before.get(keys[index]) ?? this.#hold(card)]));
    const items = [...this.#held.values()].map(({ item }) => item);
    for (const [key, { item }] of before) {
      if (!this.#held.has(key)) item.remove();
    }
    items.forEach((item, index) => {
      if (this.#list.children[index] !== item) this.#list.insertBefore(item, this.#list.children[index] ?? null);
    });
    if (focused >= 0 && document.activeElement === document.body) this.#buttons()[Math.min(focused, items.length - 1)]?.focus();
  }

  /**
   * @param {Card} card
   * @returns {Held}
   */
  #hold(card) {
    const button = cardButton(card);
    button.addEventListener("click", () => this.#onPlay(card));
    return { card, button, item: make("li", {}, button) };
  }

  #buttons() {
    return [...this.#held.values()].map(({ button }) => button);
  }

  /** @param {KeyboardEvent} event */
  #onKey(event) {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    const buttons = this.#buttons();
    const index = buttons.findIndex((button) => button === event.target);
    if (step === undefined || index < 0) return;
    event.preventDefault();
    buttons[(index + step + buttons.length) % buttons.length].focus();
  }
}
