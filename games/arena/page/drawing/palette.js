/**
 * Each player's colours.
 * @module
 */

import { shadesOf } from "/kit/drawing/colours.js";

/** @typedef {import("/kit/drawing/colours.js").Colours} Colours */

/** Reserved for the own ship: no other hue is near it. */
const OWN = shadesOf(186, 92, 59);

/** Ordered so that neighbouring seats differ most. There are few greens, since they are hard to tell apart. */
const HUES = [14, 228, 48, 322, 138, 275, 84, 352, 250, 34, 302, 112];

/** @type {Colours[]} */
const OTHERS = [
  // Blue and violet look darker than other hues of the same lightness.
  ...HUES.map((hue) => shadesOf(hue, 94, hue > 215 && hue < 310 ? 70 : 60)),
  ...HUES.map((hue) => shadesOf(hue, 60, 79)),
];

/**
 * @param {number} player
 * @param {boolean} own
 * @returns {Colours}
 */
export function coloursOf(player, own) {
  return own ? OWN : OTHERS[player % OTHERS.length];
}
