/** The layout of a world for the codec: the parts of its tables, their area classes, and their contexts. */

/** @import { RowLayout } from "../schema/row-layout.js" */

import { DecodeError } from "../base/errors.js";
import { MAX_CONTEXTS } from "../base/limits.js";
import { AREA_CLASSES } from "../schema/schema.js";
import { PartContexts } from "./contexts.js";
import { defaultPriors } from "./default-priors.js";

/** @typedef {{ single: boolean, areaClass: number, row: RowLayout }} PartShape one part of a table */
/** @typedef {PartShape & { contexts: PartContexts }} PartLayout */

/**
 * The parts of a world's tables.
 *
 * @typedef {object} Layout
 * @property {PartLayout[]} parts by their numbers
 * @property {number[][]} classes for each area class the numbers of its parts
 * @property {number} contexts number of contexts of all parts together
 * @property {Uint8Array} defaultPriors the default prior of each context
 */

/**
 * Lays out the parts of a world. Throws a DecodeError if they need too many contexts.
 *
 * @param {PartShape[]} shapes
 * @returns {Layout}
 */
export function worldLayout(shapes) {
  let contexts = 0;
  const parts = shapes.map(({ single, areaClass, row }) => {
    const layout = { single, areaClass, row, contexts: new PartContexts(row, contexts) };
    contexts = layout.contexts.end;
    return layout;
  });
  if (contexts > MAX_CONTEXTS) {
    throw new DecodeError("bad_schema", `${contexts} contexts`);
  }
  const classes = Array.from({ length: AREA_CLASSES }, (_, areaClass) =>
    [...parts.keys()].filter((index) => parts[index].areaClass === areaClass),
  );
  return { parts, classes, contexts, defaultPriors: defaultPriors(parts) };
}
