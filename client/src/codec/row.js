/** The encoding of one row: whole, or as its difference from the prediction. */

/** @import { FieldLayout, RowLayout } from "../schema/row-layout.js" */
/** @import { FieldContexts } from "./contexts.js" */
/** @import { PartLayout } from "./layout.js" */
/** @import { RowBaseline } from "./predict.js" */
/** @import { SymbolReader } from "./symbols.js" */

import { DecodeError } from "../base/errors.js";
import { NUMBER, ROTATION } from "../schema/row-layout.js";
import { CLASSES, classOf, levelOf } from "./contexts.js";
import { Expected, rebase } from "./predict.js";

/** Bits of the choice among a rotation's other components. */
const LARGEST_BITS = 2;

/**
 * Reads the row of a new entity: for each column a flag "not zero", and then the value less one.
 *
 * @param {PartLayout} part
 * @param {SymbolReader} symbols
 * @param {Uint32Array} row is written from `at` on
 * @param {number} at
 */
export function readWhole({ row: layout, contexts }, symbols, row, at) {
  for (let field = 0; field < layout.fields.length; field++) {
    const { start, end } = layout.fields[field];
    const { spawned } = contexts.fields[field];
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
}

/** Reads the changes of one part's rows, one after another. */
export class ChangeReader {
  #layout;
  #contexts;
  #expected;
  /** 2 if the last row differed, plus 1 if the row before it did: changes come in groups. */
  #before = 0;

  /** @param {PartLayout} part */
  constructor({ row, contexts }) {
    this.#layout = row;
    this.#contexts = contexts;
    this.#expected = new Expected(row.width);
  }

  /** Starts with the first row. */
  start() {
    this.#before = 0;
  }

  /**
   * Reads a row's change: a flag "differs from the prediction"; then a flag for each field, and its difference.
   *
   * @param {RowBaseline} baseline
   * @param {SymbolReader | undefined} symbols undefined if the row is as predicted
   * @param {Uint32Array} row is written from `at` on
   * @param {number} at
   */
  read(baseline, symbols, row, at) {
    this.#expected.set(this.#layout, baseline, row, at);
    if (symbols === undefined) {
      return;
    }
    const differs = symbols.flag(this.#contexts.row(this.#expected.history, this.#before));
    this.#before = (differs << 1) | (this.#before >> 1);
    if (differs === 1) {
      this.#readFields(baseline, symbols, row, at);
    }
  }

  /**
   * @param {RowBaseline} baseline
   * @param {SymbolReader} symbols
   * @param {Uint32Array} row
   * @param {number} at
   */
  #readFields(baseline, symbols, row, at) {
    const { fields } = this.#layout;
    const last = fields.length - 1;
    let level = 0;
    let any = false;
    for (let index = 0; index <= last; index++) {
      const field = fields[index];
      const contexts = this.#contexts.fields[index];
      // If no other field differs, the last one must: it has no flag.
      const asked = any || index < last;
      if (asked && symbols.flag(contexts.differs(this.#expected.greatest(field.start, field.end), level)) === 0) {
        continue;
      }
      any = true;
      if (field.coding === NUMBER) {
        level = this.#readNumbers(contexts, field.start, field.end, 0, true, symbols, row, at);
      } else if (field.coding === ROTATION) {
        level = this.#readRotation(contexts, field, level, baseline, symbols, row, at);
      } else {
        this.#readChoices(contexts, field, symbols, row, at);
      }
    }
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
  #readNumbers(contexts, start, end, firstSet, mustDiffer, symbols, row, at) {
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
  #readRotation(contexts, field, level, baseline, symbols, row, at) {
    const { start, end } = field;
    const turned = symbols.flag(contexts.columnDiffers) === 1;
    if (turned) {
      const choice = symbols.choice(contexts.choices, LARGEST_BITS);
      const largest = chosen(this.#layout, start, row[at + start], choice);
      rebase(this.#layout, field, baseline, largest, row, at + start);
    }
    return this.#readNumbers(contexts, start + 1, end, level * CLASSES, !turned, symbols, row, at);
  }

  /**
   * @param {FieldContexts} contexts
   * @param {FieldLayout} field
   * @param {SymbolReader} symbols
   * @param {Uint32Array} row
   * @param {number} at
   */
  #readChoices(contexts, { start, end }, symbols, row, at) {
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
function chosen(layout, index, expected, choice) {
  const max = layout.max[index];
  if (choice >= max) {
    throw new DecodeError("value_out_of_range");
  }
  // The sum may take 33 bits: a remainder of doubles, not a mask.
  return (expected + choice + 1) % (max + 1);
}
