/**
 * Default priors: those of a room that has learned none, or may not learn any.
 *
 * They depend on the schema alone: a context is of a kind, such as "the exponent of a number whose last surprise was of class 3",
 * whatever field it belongs to, and each kind has its prior. Kinds are much alike from game to game, so that the defaults,
 * trained on other games, save 13 to 26 % of the bytes against contexts that start unknown.
 */

/** @import { Coded, RowLayout } from "../schema/row-layout.js" */

import { LIST, NUMBER, ROTATION } from "../schema/coding.js";
import {
  CLASSES,
  FIELD_CONTEXTS,
  LEVELS,
  LIST_CONTEXTS,
  MODELLED_CHOICE_BITS,
  SET_CONTEXTS,
  SHARED_CONTEXTS,
  PART_CONTEXTS,
} from "./contexts.js";

/** The default prior of each kind of context. */
const DEFAULT_PRIORS = Uint8Array.of(
  // population
  18,
  // departures, gaps between them, arrivals, gaps between them, generations: exponents
  27, 14, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
  32, 29, 22, 0, 0, 0, 0, 0, 0, 0, 0, 0,
  37, 25, 38, 16, 0, 0, 0, 0, 0, 0, 0, 0,
  31, 41, 41, 37, 35, 36, 42, 38, 34, 14, 0, 0,
  31, 37, 38, 37, 35, 29, 19, 0, 0, 0, 0, 0,
  // rows, by history and the two rows before
  13, 16, 18, 19, 26, 30, 30, 30, 34, 36, 37, 37, 32, 30, 32, 32, 38, 39, 38, 38,
  45, 35, 43, 42, 48, 36, 46, 46, 51, 42, 51, 51, 0, 0, 0, 0, 32, 30, 41, 46,
  // numbers: the field differs, by class and level
  28, 16, 18, 14, 41, 38, 37, 31, 46, 38, 43, 39, 51, 41, 44, 41,
  36, 33, 34, 32, 51, 44, 46, 36, 51, 45, 46, 43, 37, 35, 41, 47,
  // a new entity's column; columns differ (never used)
  44, 0,
  // a column is as expected, and the exponent, by class
  31, 25, 37, 41, 39, 39, 39, 34, 30, 18, 0, 0, 0,
  29, 23, 32, 35, 35, 33, 37, 35, 28, 25, 0, 0, 0,
  26, 35, 31, 31, 32, 25, 31, 33, 32, 0, 0, 0, 0,
  22, 39, 33, 30, 32, 25, 31, 34, 32, 29, 0, 0, 0,
  22, 41, 41, 35, 36, 35, 35, 33, 33, 23, 23, 0, 0,
  19, 43, 41, 37, 30, 26, 31, 31, 34, 25, 0, 0, 0,
  20, 44, 42, 39, 35, 27, 31, 31, 34, 24, 0, 0, 0,
  22, 44, 47, 46, 41, 41, 37, 34, 32, 15, 26, 0, 0,
  // the sign, by the sign before
  32, 29, 35,
  // the second bit; the third after a 0, after a 1
  31, 31, 30, 31, 27, 35, 31, 27, 27, 0, 0, 0,
  0, 31, 31, 31, 34, 31, 37, 29, 22, 0, 0, 0,
  0, 32, 31, 32, 33, 38, 37, 31, 27, 0, 0, 0,
  // choices: the field differs
  13, 13, 13, 13, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
  15, 22, 15, 13, 0, 0, 0, 0, 0, 0, 0, 0, 28, 27, 24, 26,
  // a new entity's column; a column differs
  31, 0,
  // the choice
  0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
  // rotations: the field differs
  31, 32, 30, 38, 42, 40, 36, 0, 40, 42, 36, 0, 41, 43, 40, 35,
  40, 43, 45, 45, 41, 42, 47, 43, 38, 41, 45, 44, 37, 41, 43, 44,
  // a new entity's column; another component is the largest
  48, 18,
  // which (three nodes are used)
  29, 34, 24, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
  // a part is as expected, and the exponent, by class
  31, 29, 34, 33, 32, 30, 0, 0, 0, 0, 0, 0, 0,
  32, 25, 26, 31, 30, 0, 0, 0, 0, 0, 0, 0, 0,
  31, 28, 25, 31, 31, 0, 0, 0, 0, 0, 0, 0, 0,
  29, 30, 28, 28, 30, 30, 0, 0, 0, 0, 0, 0, 0,
  27, 33, 33, 31, 29, 27, 26, 0, 0, 0, 0, 0, 0,
  27, 33, 33, 32, 28, 26, 26, 0, 0, 0, 0, 0, 0,
  27, 34, 36, 34, 31, 26, 24, 0, 0, 0, 0, 0, 0,
  26, 34, 37, 35, 33, 30, 25, 27, 0, 0, 0, 0, 0,
  // the sign, by the sign before
  32, 30, 34,
  // the second bit; the third after a 0, after a 1
  29, 30, 30, 29, 27, 28, 0, 0, 0, 0, 0, 0,
  0, 31, 31, 30, 29, 30, 0, 0, 0, 0, 0, 0,
  0, 31, 31, 30, 30, 0, 0, 0, 0, 0, 0, 0,
);

/** Contexts of a choice's decisions. */
const CHOICES = 2 ** MODELLED_CHOICE_BITS - 1;

let end = 0;
/** The priors of the next `count` kinds. */
const take = (/** @type {number} */ count) => DEFAULT_PRIORS.subarray(end, (end += count));

/** The priors of a part's own contexts. */
const PART = take(PART_CONTEXTS);
/** The priors of a list's counts: its removals and insertions are like departures and arrivals. */
const LIST_COUNTS = PART.subarray(1, 1 + LIST_CONTEXTS);
/** The priors of a field of numbers, and of one of its columns. */
const NUMBER_FIELD = take(FIELD_CONTEXTS);
const NUMBER_COLUMN = take(CLASSES * SET_CONTEXTS + SHARED_CONTEXTS);
/** The priors of a choice. */
const CHOICE_FIELD = take(FIELD_CONTEXTS + CHOICES);
/** The priors of a rotation and of its parts: their sets by class, which are the same at every level, and the shared contexts. */
const ROTATION_FIELD = take(FIELD_CONTEXTS + CHOICES);
const ROTATION_SETS = take(CLASSES * SET_CONTEXTS);
const ROTATION_SHARED = take(SHARED_CONTEXTS);

/**
 * The default prior of each context of some parts, in the order of their numbering.
 *
 * @param {{ row: RowLayout }[]} parts
 */
export function defaultPriors(parts) {
  const priors = parts.flatMap(({ row }) => [PART, ...row.coded.flatMap(fieldPriors)]);
  return Uint8Array.from(priors.flatMap((some) => [...some]));
}

/** @param {Coded} field */
function fieldPriors({ coding, width }) {
  switch (coding) {
    case NUMBER:
      return [NUMBER_FIELD, ...Array(width).fill(NUMBER_COLUMN)];
    case ROTATION:
      return [ROTATION_FIELD, ...Array(LEVELS).fill(ROTATION_SETS), ROTATION_SHARED];
    case LIST:
      return [CHOICE_FIELD, LIST_COUNTS];
    default:
      return [CHOICE_FIELD];
  }
}
