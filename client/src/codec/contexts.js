/**
 * Contexts: the situations that a delta's decisions are made in.
 *
 * Every yes-or-no decision of a delta is coded with the probability of its context: "does this field change, given how much it
 * changed a tick ago?" This file numbers a schema's contexts; the numbering is part of the protocol.
 */

/** @import { FieldLayout, RowLayout } from "../schema/row-layout.js" */

import { NUMBER, ROTATION } from "../schema/row-layout.js";

/** Classes of magnitude: 0, 1, 2, up to 4, 8, 16, 32, and above. */
export const CLASSES = 8;
/** The class of a great change, and of one whose size cannot be told. */
export const GREATEST_CLASS = CLASSES - 1;
/** The class of a change that is not known, because the frames it shows in are not there. */
export const UNKNOWN_CLASS = 4;
/** Levels that classes are lumped into where the full number would be too many. */
export const LEVELS = 4;

/** Contexts of a number's exponent: one for each step, from here on shared. */
export const EXPONENTS = 12;
/** Signs that a number may have had: none or not known, minus, plus. */
export const SIGNS = 3;
/** Contexts of a row's flag: its recent history, by whether the two rows before it changed. */
const ROW_CONTEXTS = 10 * 4;
/** Contexts of one class of a number: whether it is zero at all, and its exponent. */
export const SET_CONTEXTS = 1 + EXPONENTS;
/** Contexts that a number's classes share: the sign by the sign before, and the two top bits below the leading one. */
export const SHARED_CONTEXTS = SIGNS + 3 * EXPONENTS;
/** Bits of the choices that have a context for each decision; greater ones are raw. */
export const MODELLED_CHOICE_BITS = 4;

/** The counts of a change of population, each of {@link EXPONENTS} contexts. */
export const DEPARTURES = 0;
/** Rows between one departure and the next. */
export const DEPARTURE_GAP = 1;
/** How many have come. */
export const ARRIVALS = 2;
/** Slots between one arrival and the next. */
export const ARRIVAL_GAP = 3;
/** An arrival's generation. */
export const GENERATION = 4;
/** So many there are. */
const COUNTS = 5;

/** Contexts of a table, before its fields'. */
export const PART_CONTEXTS = 1 + COUNTS * EXPONENTS + ROW_CONTEXTS;
/** Contexts that every field has: whether it differs, and two flags. */
export const FIELD_CONTEXTS = CLASSES * LEVELS + 2;

/**
 * The class of a number's magnitude.
 *
 * @param {number} number
 */
export function classOf(number) {
  const magnitude = number < 0 ? -number : number;
  return magnitude === 0 ? 0 : Math.min(33 - Math.clz32(magnitude - 1), GREATEST_CLASS);
}

/**
 * The level of a class.
 *
 * @param {number} magnitudeClass
 */
export function levelOf(magnitudeClass) {
  return magnitudeClass >>> 1;
}

/**
 * A number's sign: 0 for none, 1 for minus, 2 for plus.
 *
 * @param {number} number
 */
export function signOf(number) {
  return number === 0 ? 0 : number < 0 ? 1 : 2;
}

/** The contexts of one field. */
export class FieldContexts {
  /**
   * Numbers them.
   *
   * @param {FieldLayout} field
   * @param {number} next the first one
   */
  constructor({ coding, start, end }, next) {
    /** The first of CLASSES × LEVELS. */
    this.firstDiffers = next;
    /** Whether a column of a new entity is other than zero. */
    this.spawned = this.firstDiffers + CLASSES * LEVELS;
    /** Whether a column of a choice differs, or which component of a rotation is largest. */
    this.columnDiffers = this.spawned + 1;
    /** The first of a choice's decisions. */
    this.choices = this.columnDiffers + 1;
    /** The first of the first column of numbers'. */
    this.numbers = this.choices + (coding === NUMBER ? 0 : 2 ** MODELLED_CHOICE_BITS - 1);
    // A rotation's three parts are alike and share theirs; what moved before it tells much about them.
    const columns = coding === NUMBER ? end - start : coding === ROTATION ? 1 : 0;
    const sets = coding === NUMBER ? CLASSES : coding === ROTATION ? LEVELS * CLASSES : 0;
    /** Contexts of the sets of one column; those that the sets share follow. */
    this.allSets = sets * SET_CONTEXTS;
    const size = this.allSets + SHARED_CONTEXTS;
    /** How much further the next column's are. */
    this.stride = columns > 1 ? size : 0;
    /** The first context after them. */
    this.end = this.numbers + columns * size;
  }

  /**
   * Whether the field differs.
   *
   * @param {number} magnitudeClass the greatest among its hints
   * @param {number} level of the field that differed before it
   */
  differs(magnitudeClass, level) {
    return this.firstDiffers + magnitudeClass * LEVELS + level;
  }

  /**
   * Whether a number is zero; the contexts of its exponent follow.
   *
   * @param {number} column among the field's
   * @param {number} set its class, or level and class
   */
  number(column, set) {
    return this.numbers + column * this.stride + set * SET_CONTEXTS;
  }

  /**
   * The first of the contexts that a number's sets share: the sign's, by the sign before, and the two top bits'.
   *
   * @param {number} column among the field's
   */
  shared(column) {
    return this.numbers + column * this.stride + this.allSets;
  }
}

/** The contexts of one part of a table. */
export class PartContexts {
  /**
   * Numbers them.
   *
   * @param {RowLayout} row
   * @param {number} next the first one
   */
  constructor(row, next) {
    /** Whether entities have come or gone. */
    this.population = next;
    /** The first of the rows' flags. */
    this.rows = next + 1 + COUNTS * EXPONENTS;
    let end = next + PART_CONTEXTS;
    /** Each field's, in order. */
    this.fields = row.fields.map((field) => {
      const contexts = new FieldContexts(field, end);
      end = contexts.end;
      return contexts;
    });
    /** The first context after them. */
    this.end = end;
  }

  /**
   * The first of a count's contexts.
   *
   * @param {number} count {@link DEPARTURES} and so on
   */
  count(count) {
    return this.population + 1 + count * EXPONENTS;
  }

  /**
   * Whether a row differs.
   *
   * @param {number} history what it has been doing, 0 to 9
   * @param {number} before whether the row before it did (2) and the one before that (1)
   */
  row(history, before) {
    return this.rows + history * 4 + before;
  }
}
