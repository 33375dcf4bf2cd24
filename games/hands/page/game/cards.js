/**
 * The rules for single cards, and their names.
 * @module
 */

/** @typedef {import("./world.js").Card} Card */
/** @typedef {import("./world.js").Middle} Middle */
/** @typedef {import("./world.js").Suit} Suit */

/** @type {readonly Suit[]} In the order in which a hand is sorted: red and black take turns. */
export const SUITS = ["Clubs", "Diamonds", "Spades", "Hearts"];
const EIGHT = 8;
/** @type {Readonly<Record<number, string>>} */
const LETTERS = { 1: "A", 11: "J", 12: "Q", 13: "K" };
/** @type {Readonly<Record<number, string>>} */
const NAMES = { 1: "ace", 11: "jack", 12: "queen", 13: "king" };

/** @param {Card} card */
export function isWild({ rank }) {
  return rank === EIGHT;
}

/** @param {Suit} suit */
export function isRed(suit) {
  return suit === "Diamonds" || suit === "Hearts";
}

/**
 * Returns true if a card may be laid.
 * @param {Card} card
 * @param {Middle} middle
 */
export function fits(card, { top, suit }) {
  const last = top.at(-1)?.card;
  return isWild(card) || card.suit === suit || (last !== undefined && card.rank === last.rank && !isWild(last));
}

/**
 * The letter or number in a card's corner.
 * @param {Card} card
 */
export function letterOf({ rank }) {
  return LETTERS[rank] ?? String(rank);
}

/**
 * A card in words.
 * @param {Card} card
 */
export function nameOf({ rank, suit }) {
  return `${NAMES[rank] ?? rank} of ${suit.toLowerCase()}`;
}

/**
 * A text that is different for each card.
 * @param {Card} card
 */
export function keyOf({ rank, suit }) {
  return `${suit} ${rank}`;
}

/**
 * A hand as players hold it: by suit, and by rank within each.
 * @param {readonly Card[]} hand
 */
export function sorted(hand) {
  return [...hand].sort((a, b) => SUITS.indexOf(a.suit) - SUITS.indexOf(b.suit) || a.rank - b.rank);
}
