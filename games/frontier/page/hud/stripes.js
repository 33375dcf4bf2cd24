/**
 * The colours of the cargo's bar: a stripe for each stack.
 * @module
 */

import { MINERAL_TINTS } from "../drawing/palette.js";
import { piecesOf } from "../game/world.js";

/** @typedef {import("../game/world.js").Cargo} Cargo */

/**
 * A CSS image with a stripe for each stack, as wide as its share of the cargo.
 * @param {Cargo} cargo
 */
export function stripesOf(cargo) {
  const pieces = piecesOf(cargo);
  let end = 0;
  const stripes = cargo.map(({ mineral, amount }) => {
    const start = end;
    end += (100 * amount) / pieces;
    return `${MINERAL_TINTS[mineral][0].dark} ${start}% ${end}%`;
  });
  return stripes.length > 0 ? `linear-gradient(90deg, ${stripes.join(", ")})` : "none";
}
