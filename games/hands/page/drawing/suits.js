/**
 * The four suits, as shapes: a font may draw its own pictures for the characters.
 * @module
 */

/** @typedef {import("../game/world.js").Suit} Suit */

const SVG = "http://www.w3.org/2000/svg";

/** @type {Readonly<Record<Suit, string>>} Paths in a square of 24. */
const PATHS = {
  Hearts:
    "M12 21.5C4.8 15.6 1.5 12 1.5 7.8 1.5 4.7 3.9 2.5 6.8 2.5c2.1 0 4.1 1.2 5.2 " +
    "3.3 1.1-2.1 3.1-3.3 5.2-3.3 2.9 0 5.3 2.2 5.3 5.3 0 4.2-3.3 7.8-10.5 13.7Z",
  Diamonds: "M12 1.5 20.5 12 12 22.5 3.5 12Z",
  Spades:
    "M12 1.5c6.5 5 10 8.3 10 12.2 0 2.9-2.2 4.8-4.7 4.8-1.6 0-3-.8-3.9-2.2.2 2.6 1.1 4.5 2.9 6.2H7.7c1.8-1.7 " +
    "2.7-3.6 2.9-6.2-.9 1.4-2.3 2.2-3.9 2.2C4.2 18.5 2 16.6 2 13.7 2 9.8 5.5 6.5 12 1.5Z",
  Clubs:
    "M12 1.5a4.9 4.9 0 0 1 4 7.7 4.9 4.9 0 1 1-2.7 8.5c.3 1.9 1.2 3.5 2.7 4.8H8c1.5-1.3 " +
    "2.4-2.9 2.7-4.8A4.9 4.9 0 1 1 8 9.2a4.9 4.9 0 0 1 4-7.7Z",
};

/**
 * A suit's shape, in the colour of the text around it.
 * @param {Suit} suit
 */
export function suitIcon(suit) {
  const icon = document.createElementNS(SVG, "svg");
  icon.setAttribute("viewBox", "0 0 24 24");
  icon.setAttribute("class", "suit");
  icon.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", PATHS[suit]);
  icon.append(path);
  return icon;
}
