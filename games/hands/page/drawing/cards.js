/**
 * Cards: their faces and their backs.
 * @module
 */

import { make } from "/kit/ui/elements.js";
import { isRed, letterOf, nameOf } from "../game/cards.js";
import { suitIcon } from "./suits.js";

/** @typedef {import("../game/world.js").Card} Card */

/**
 * The parts of a card's face: a corner, which shows in a fan, and the middle.
 * @param {Card} card
 */
function faceOf(card) {
  const corner = make("span", { class: "corner", "aria-hidden": "true" }, letterOf(card), suitIcon(card.suit));
  const centre = make("span", { class: "centre", "aria-hidden": "true" }, letterOf(card), suitIcon(card.suit));
  return [corner, centre];
}

/** @param {Card} card */
const classOf = ({ suit }) => `card ${isRed(suit) ? "red" : "black"}`;

/**
 * A card on the table.
 * @param {Card} card
 */
export function faceUp(card) {
  return make("span", { class: classOf(card), role: "img", "aria-label": nameOf(card) }, ...faceOf(card));
}

/**
 * A card that can be laid.
 * @param {Card} card
 */
export function cardButton(card) {
  return make("button", { type: "button", class: classOf(card) }, ...faceOf(card));
}

/** A card face down. */
export function faceDown() {
  return make("span", { class: "card back", "aria-hidden": "true" });
}
