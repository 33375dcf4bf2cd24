/**
 * Contexts: the numbering of the probabilities that deltas are coded with. It is part of the protocol.
 *
 * Every binary decision of a delta is coded with the probability of its context, such as "this field differs, given how wrong its
 * prediction was a tick ago". A prediction's error is called a surprise, as in docs/PROTOCOL.md.
 */

/** @import { Coded, RowLayout } from "../schema/row-layout.js" */

import { LIST, NUMBER, ROTATION } from "../schema/coding.js";

/** Classes of magnitude: 0, 1, 2, then up to 4, 8, 16, 32, and above. */
export const CLASSES = 8;
/** The class of a great surprise, and of one that has no size, such as that of a choice. */
export const GREATEST_CLASS = CLASSES - 1;
/** The class of a surprise that is not known, because the frames that would show it are missing. */
export const UNKNOWN_CLASS = 4;
/** Levels: pairs of classes, for contexts where a class each would be too many. */
export const LEVELS = 4;

/** Contexts of a number's exponent: one for each step; the steps beyond share the last. */
export const EXPONENTS = 12;
/** Signs of the surprise before: none or unknown, minus, plus. */
export const SIGNS = 3;
/** Contexts of a row's flag: ten histories, by which of the two rows before it differed. */
const ROW_CONTEXTS = 10 * 4;
/** Contexts of one class of a number: the flag "zero", and its exponent. */
export const SET_CONTEXTS = 1 + EXPONENTS;
/** Contexts that a number's classes share: the sign, by the sign before, and the two top bits below the leading one. */
export const SHARED_CONTEXTS = SIGNS + 3 * EXPONENTS;
/** Choices of at most so many bits have a context for each decision; wider ones are raw. */
export const MODELLED_CHOICE_BITS = 4;

/**
 * The number of departures. It is the first of a change of population's counts, of {@link EXPONENTS} contexts each. A list counts
 * its removals and insertions like departures and arrivals.
 */
export const DEPARTURES = 0;
/** The number of rows between one departure and the next. */
export const DEPARTURE_GAP = 1;
/** The number of arrivals. */
export const ARRIVALS = 2;
/** The number of slots between one arrival and the next. */
export const ARRIVAL_GAP = 3;
/** The generation of an arrival. */
export const GENERATION = 4;
/** The number of these counts, and of those that a list has: all but the generation. */
const COUNTS = 5;
const LIST_COUNTS = 4;

/** Contexts of a part, before those of its fields. */
export const PART_CONTEXTS = 1 + COUNTS * EXPONENTS + ROW_CONTEXTS;
/** Contexts of a list's counts. */
export const LIST_CONTEXTS = LIST_COUNTS * EXPONENTS;
/** Contexts of every field: the flag "differs", by class and level, and two more flags. */
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
 * The sign of a number: 0 for none, 1 for minus, 2 for plus.
 *
 * @param {number} number
 */
export function signOf(number) {
  return number === 0 ? 0 : number < 0 ? 1 : 2;
}

/** The contexts of one field, or of a value inside one. */
export class FieldContexts {
  /**
   * Numbers the contexts of a field.
   *
   * @param {Coded} field
   * @param {number} next the first one
   */
  constructor({ coding, width }, next) {
    /** The first context of the flag "the field differs", of CLASSES × LEVELS. */
    this.firstDiffers = next;
    /** The flag "not zero" of a column of a new entity. */
    this.spawned = this.firstDiffers + CLASSES * LEVELS;
    /**
     * The flag "differs" of a choice's column or a variant, "another component is the largest" of a rotation, or "items have come
     * or gone" of a list.
     */
    this.columnDiffers = this.spawned + 1;
    /** The first context of a choice's decisions. */
    this.choices = this.columnDiffers + 1;
    /** The first context of the first column of numbers. */
    this.numbers = this.choices + (coding === NUMBER ? 0 : 2 ** MODELLED_CHOICE_BITS - 1);
    // The three parts of a rotation are alike and share their contexts. Entities that move often turn, so that the level of the
    // field before selects among them.
    const columns = coding === NUMBER ? width : coding === ROTATION ? 1 : 0;
    const sets = coding === NUMBER ? CLASSES : coding === ROTATION ? LEVELS * CLASSES : 0;
    /** The number of contexts of all sets of one column. The contexts that the sets share follow them. */
    this.allSets = sets * SET_CONTEXTS;
    const size = this.allSets + SHARED_CONTEXTS;
    /** The number of contexts from one column to the next. */
    this.stride = columns > 1 ? size : 0;
    /** The first context of a list's counts. */
    this.counts = this.numbers + columns * size;
    /** The first context after those of the field. */
    this.end = this.counts + (coding === LIST ? LIST_CONTEXTS : 0);
  }

  /**
   * The first context of a count of a list.
   *
   * @param {number} count {@link DEPARTURES} and so on
   */
  count(count) {
    return this.counts + count * EXPONENTS;
  }

  /**
   * The context of the flag "the field differs".
   *
   * @param {number} magnitudeClass the greatest of its columns' last surprises
   * @param {number} level of the field that differed before it
   */
  differs(magnitudeClass, level) {
    return this.firstDiffers + magnitudeClass * LEVELS + level;
  }

  /**
   * The context of the flag "the number is zero". The contexts of its exponent follow.
   *
   * @param {number} column index in the field
   * @param {number} set its class, or level and class
   */
  number(column, set) {
    return this.numbers + column * this.stride + set * SET_CONTEXTS;
  }

  /**
   * The first context that a number's sets share: those of the sign, by the sign before, and those of the two top bits.
   *
   * @param {number} column index in the field
   */
  shared(column) {
    return this.numbers + column * this.stride + this.allSets;
  }
}

/** The contexts of one part of a table. */
export class PartContexts {
  /**
   * Numbers the contexts of a part.
   *
   * @param {RowLayout} row
   * @param {number} next the first one
   */
  constructor(row, next) {
    /** The flag "entities have come or gone". */
    this.population = next;
    /** The first context of the flag "the row differs". */
    this.rows = next + 1 + COUNTS * EXPONENTS;
    let end = next + PART_CONTEXTS;
    /** The contexts of each field, in order, then those of the values inside them. */
    this.fields = row.coded.map((field) => {
      const contexts = new FieldContexts(field, end);
      end = contexts.end;
      return contexts;
    });
    /** The first context after those of the part. */
    this.end = end;
  }

  /**
   * The first context of a count.
   *
   * @param {number} count {@link DEPARTURES} and so on
   */
  count(count) {
    return this.population + 1 + count * EXPONENTS;
  }

  /**
   * The context of the flag "the row differs".
   *
   * @param {number} history of the row: how it has moved, 0 to 9
   * @param {number} before 2 if the row before it differed, plus 1 if the row before that did
   */
  row(history, before) {
    return this.rows + history * 4 + before;
  }
}
