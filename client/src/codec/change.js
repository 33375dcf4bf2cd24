/** The difference of one field from its prediction, or of a value inside a field. */

/** @import { FieldLayout, RowLayout } from "../schema/row-layout.js" */
/** @import { FieldContexts } from "./contexts.js" */
/** @import { Expected } from "./predict.js" */
/** @import { RowBaseline } from "./row-baseline.js" */
/** @import { SymbolReader } from "./symbols.js" */

import { DecodeError } from "../base/errors.js";
import { NUMBER, ROTATION } from "../schema/coding.js";
import { CLASSES, classOf, levelOf } from "./contexts.js";
import { rebase } from "./predict.js";

/** Bits of the choice among a rotation's other components. */
const LARGEST_BITS = 2;

/**
 * Reads the columns of a value that was not there before: for each a flag "not zero", and then the value less one.
 *
 * @param {RowLayout} layout
 * @param {number} start the first column
 * @param {number} end the column after the last
 * @param {number} spawned the flag's context
 * @param {SymbolReader} symbols
 * @param {Uint32Array} row
 * @param {number} at
 */
export function readColumns(layout, start, end, spawned, symbols, row, at) {
  for (let index = start; index < end; index++) {
    let value = 0;
    if (symbols.flag(spawned) === 1) {
      value = symbols.raw(layout.choiceBits[index]) + 1;
      if (value > layout.max[index]) {
        throw new DecodeError("value_out_of_range");
      }
    }
    row[at + index] = value;
  }
}

/**
 * Reads the differences of fields. The row holds the prediction, and then the new values. A value inside a list may have moved:
 * `start` and `end` are its columns in the prediction, and `row[at + start]` is its first one now.
 */
export class FieldReader {
  #layout;
  #expected;

  /**
   * @param {RowLayout} layout
   * @param {Expected} expected the prediction of the row
   */
  constructor(layout, expected) {
    this.#layout = layout;
    this.#expected = expected;
  }

  /**
   * Reads the difference of a field without values inside, and returns the level of its surprise.
   *
   * @param {FieldContexts} contexts
   * @param {FieldLayout} field
   * @param {number} level of the field that differed before it
   * @param {RowBaseline} baseline
   * @param {SymbolReader} symbols
   * @param {Uint32Array} row
   * @param {number} at
   */
  read(contexts, field, level, baseline, symbols, row, at) {
    if (field.coding === NUMBER) {
      return this.#numbers(contexts, field.start, field.end, 0, true, symbols, row, at);
    }
    if (field.coding === ROTATION) {
      return this.#rotation(contexts, field, level, baseline, symbols, row, at);
    }
    this.#choices(contexts, field, symbols, row, at);
    return level;
  }

  /**
   * Reads columns of numbers, and returns the level of the greatest of their surprises.
   *
   * @param {FieldContexts} contexts
   * @param {number} start the first column
   * @param {number} end the column after the last
   * @param {number} firstSet
   * @param {boolean} mustDiffer true if at least one of them differs
   * @param {SymbolReader} symbols
   * @param {Uint32Array} row
   * @param {number} at
   */
  #numbers(contexts, start, end, firstSet, mustDiffer, symbols, row, at) {
    const layout = this.#layout;
    const { classes, signs } = this.#expected;
    let greatest = 0;
    let classBefore = 0;
    let any = !mustDiffer;
    for (let index = start; index < end; index++) {
      // Axes of a vector move together: take the class of the column before if it is greater than its own.
      const set = firstSet + Math.max(classes[index], classBefore);
      const zero = contexts.number(index - start, set);
      classBefore = 0;
      // If no other column differs, the last one must: it has no flag.
      const asked = any || index + 1 < end;
      if (asked && symbols.flag(zero) === 1) {
        continue;
      }
      any = true;
      const number = symbols.number(zero, contexts.shared(index - start), signs[index]);
      row[at + index] = step(layout, index, row[at + index], number);
      classBefore = classOf(number);
      greatest = Math.max(greatest, classBefore);
    }
    return levelOf(greatest);
  }

  /**
   * Reads a rotation, and returns the level of its surprise.
   *
   * @param {FieldContexts} contexts
   * @param {FieldLayout} field
   * @param {number} level of the field that differed before it
   * @param {RowBaseline} baseline
   * @param {SymbolReader} symbols
   * @param {Uint32Array} row
   * @param {number} at
   */
  #rotation(contexts, field, level, baseline, symbols, row, at) {
    const { start, end } = field;
    const turned = symbols.flag(contexts.columnDiffers) === 1;
    if (turned) {
      const choice = symbols.choice(contexts.choices, LARGEST_BITS);
      const largest = chosen(this.#layout, start, row[at + start], choice);
      rebase(this.#layout, field, baseline, largest, row, at + start);
    }
    return this.#numbers(contexts, start + 1, end, level * CLASSES, !turned, symbols, row, at);
  }

  /**
   * @param {FieldContexts} contexts
   * @param {FieldLayout} field
   * @param {SymbolReader} symbols
   * @param {Uint32Array} row
   * @param {number} at
   */
  #choices(contexts, { start, end }, symbols, row, at) {
    const single = end - start === 1;
    for (let index = start; index < end; index++) {
      if (single || symbols.flag(contexts.columnDiffers) === 1) {
        const choice = symbols.choice(contexts.choices, this.#layout.choiceBits[index]);
        row[at + index] = chosen(this.#layout, index, row[at + index], choice);
      }
    }
  }
}

/**
 * Adds a difference to a column's value. Throws a DecodeError if the sum is out of range.
 *
 * @param {RowLayout} layout
 * @param {number} index the column's
 * @param {number} from
 * @param {number} by
 */
function step(layout, index, from, by) {
  const max = layout.max[index];
  const value = (from + by) >>> 0;
  if (layout.wraps[index] === 1) {
    return value & max;
  }
  if (value > max) {
    throw new DecodeError("value_out_of_range");
  }
  return value;
}

/**
 * The value of a choice: an index among the other values, counted upwards from the predicted one and around.
 *
 * @param {RowLayout} layout
 * @param {number} index the column's
 * @param {number} expected
 * @param {number} choice
 */
export function chosen(layout, index, expected, choice) {
  const max = layout.max[index];
  if (choice >= max) {
    throw new DecodeError("value_out_of_range");
  }
  // The sum may take 33 bits: a remainder of doubles, not a mask.
  return (expected + choice + 1) % (max + 1);
}
